package seer.model.backend;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import seer.model.load.WeightTensor;

/// Memory of a backend that has one owner: a model, a session, a gate, a trainer. What is allocated in an arena lives
/// until the arena closes; then its memory is free, on a device too, and its tensors are unusable: using one is an
/// [IllegalStateException] of one sentence. Arenas close in any order, and other arenas do not notice.
///
/// An arena within another takes its room from that one's and gives it back there, which costs next to nothing: for
/// what a prompt or a single layer needs. It closes with the outer one at the latest.
///
/// As its backend, an arena is used by one thread at a time.
public abstract class Arena implements AutoCloseable {
    private final Backend backend;
    private final String owner;
    private final Arena outer;
    private final Set<Arena> inner = new LinkedHashSet<>();
    private String closed; // what was closed; null while open

    /// @param owner as sentences name it: `the model in demo-model`
    /// @param outer the arena that this one is within, or null
    @SuppressWarnings("this-escape") // the outer arena notes which one it is, and asks nothing of it yet
    protected Arena(Backend backend, String owner, Arena outer) {
        this.backend = backend;
        this.owner = owner;
        this.outer = outer;
        if (outer != null) {
            if (outer.closed != null) {
                throw new IllegalStateException(owner + " wants memory after " + outer.closed + " was closed");
            }
            outer.inner.add(this);
        }
    }

    /// Where it is.
    public final Backend backend() {
        return backend;
    }

    /// Whether its memory may be used.
    public final boolean isOpen() {
        return closed == null;
    }

    /// Fails if the arena is closed.
    ///
    /// @param what of it is used, as the sentence names it
    /// @throws IllegalStateException saying what was closed
    public final void requireOpen(String what) {
        if (closed != null) {
            throw new IllegalStateException(what + " is used after " + closed + " was closed");
        }
    }

    /// Says that tensors of so many floats in all will be asked for next: where memory comes in pieces they then come
    /// from one, if there is one so large. Nothing depends on it but speed.
    public void reserve(long floats) { }

    /// A zeroed tensor.
    ///
    /// @throws IllegalArgumentException if an extent is negative, or there are more elements than one array holds
    public abstract Tensor allocate(int... shape);

    /// A tensor that is written before it is read: what it holds before that is not said, and setting it costs nothing.
    public Tensor room(int... shape) {
        return allocate(shape);
    }

    /// A tensor with these values.
    ///
    /// @throws IllegalArgumentException if there are more or fewer than the shape has elements
    public abstract Tensor upload(float[] values, int... shape);

    /// The same with an array that is the arena's from now on and that nobody else uses any more: where memory is the
    /// host's, it is not copied.
    public Tensor take(float[] values, int... shape) {
        return upload(values, shape);
    }

    /// A zeroed tensor for what passes between the operations of a layer, queries, keys, values and attention's output,
    /// stored as the backend computes with it.
    public Tensor activations(int... shape) {
        return allocate(shape);
    }

    /// The same with these values, rounded to how they are stored.
    public Tensor activations(float[] values, int... shape) {
        return upload(values, shape);
    }

    /// A weight vector, for example of a norm.
    public abstract Tensor vector(WeightTensor weights);

    /// A weight matrix; several tensors of one input width are stacked along their outputs. The backend says in which
    /// type it stores them.
    ///
    /// @throws IllegalArgumentException                 if there is no tensor
    /// @throws seer.model.load.MalformedModelException if one has another input width than the first
    public abstract Matrix matrix(List<WeightTensor> stacked);

    /// The gate and the up matrix of a feed-forward block, as [Backend#feedForward] takes them.
    public Matrix pair(WeightTensor gate, WeightTensor up) {
        return matrix(List.of(gate, up));
    }

    /// An empty cache for the keys and values of one layer.
    ///
    /// @param groups   `G`, key/value heads
    /// @param capacity `S`, tokens that fit
    /// @param width    `D`, of a head, a multiple of 4
    public abstract KeyValueCache cache(int groups, int capacity, int width);

    /// The same, its elements stored in this type.
    ///
    /// @param type of [Backend#cacheType], or the backend's [Backend#precision]
    /// @throws IllegalArgumentException if the backend has no caches of it
    public KeyValueCache cache(int groups, int capacity, int width, ElementType type) {
        if (type != backend.precision()) {
            throw new IllegalArgumentException("a cache in " + type + " on a backend that has them in "
                    + backend.precision());
        }
        return cache(groups, capacity, width);
    }

    /// An arena within this one.
    ///
    /// @param owner as sentences name it
    public abstract Arena within(String owner);

    /// Bytes that it holds, those of arenas within included.
    public abstract long bytes();

    /// Gives its memory up; called once.
    protected abstract void free();

    /// Closes it and the arenas within. A second call does nothing.
    @Override
    public final void close() {
        close(owner);
    }

    /// Closes it because something else was closed.
    ///
    /// @param what was, as sentences name it
    public final void close(String what) {
        if (closed != null) {
            return;
        }
        new ArrayList<>(inner).forEach(each -> each.close(what));
        closed = what;
        free();
        if (outer != null) {
            outer.inner.remove(this);
        }
    }

    @Override
    public final String toString() {
        return owner;
    }
}
