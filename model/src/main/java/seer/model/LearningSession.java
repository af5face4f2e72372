package seer.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import seer.model.attention.BlockMask;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.Gradients;
import seer.model.backend.KeyValueCache;
import seer.model.backend.NotFiniteException;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.load.WeightStore;

/// Texts that a model's weights learn from: forward with the blocks that a selector keeps, then back through the
/// layers.
///
/// ```text
///   tokens -> x0 -> [layer 0] -> x1 -> [layer 1] -> x2 ... -> loss
///                  dx0 <-- layer 0 again <-- dx1 <-- layer 1 again <-- dx2
/// ```
///
/// Of a layer its input, what attention gave and its lists of blocks are kept; the rest, all of it linear in the
/// length, is computed once more on the way back. So memory is linear in the length too: [#bytes] says how much. The
/// lists count as given: no derivative goes through a choice.
///
/// While a session is open its model computes with the weights that were last loaded, [LanguageModel#session] too.
public final class LearningSession implements AutoCloseable {
    private final LanguageModel model;
    private final Transformer transformer;
    private final Backend backend;
    private final Gradients gradients;
    private final ModelConfig config;
    private final Arena arena;
    private final int capacity;
    private List<Activations> layers; // each with its input as the stream; raw queries and the like are all the same
    private Tensor output; // [T, C] of the last layer
    private KeyValueCache cache; // of the layer at hand
    private Slopes slopes;
    private GradientTensors tensors;
    private Map<String, int[]> shapes;

    /// What flows back through a layer.
    ///
    /// @param stream    `[T, C]` derivative by the residual stream
    /// @param middle    `[T, C]` the stream itself between attention and feed-forward
    /// @param attention `[T, H * D]`
    /// @param queries   `[H, T, D]`; `keys` and `values` are `[G, T, D]`
    private record Slopes(Tensor stream, Tensor middle, Tensor attention, Tensor queries, Tensor keys, Tensor values) {
        static Slopes allocate(Arena arena, ModelConfig c, int rows) {
            return new Slopes(arena.allocate(rows, c.width()), arena.allocate(rows, c.width()),
                    arena.activations(rows, c.heads() * c.headWidth()),
                    arena.activations(c.heads(), rows, c.headWidth()),
                    arena.activations(c.groups(), rows, c.headWidth()),
                    arena.activations(c.groups(), rows, c.headWidth()));
        }

        static long bytes(Backend backend, ModelConfig c, int rows) {
            return 2 * backend.bytes(rows, c.width()) + 2 * backend.bytes(c.heads(), rows, c.headWidth())
                    + 2 * backend.bytes(c.groups(), rows, c.headWidth());
        }
    }

    LearningSession(LanguageModel model, Transformer transformer, WeightStore store, int capacity,
                    Predicate<String> trained) {
        this.model = model;
        this.transformer = transformer;
        this.backend = transformer.backend();
        this.config = transformer.config();
        this.capacity = capacity;
        this.gradients = backend.gradients().orElseThrow(() -> new IllegalArgumentException("the backend "
                + backend.info().backend() + " computes no gradients in " + backend.arithmetic()
                + ", wanted one that does: --precision f32, or --backend cpu"));
        long bytes = bytes(backend, config, capacity);
        long sums = GradientTensors.size(store, trained);
        this.arena = backend.arena("its learning session", bytes + sums * Float.BYTES);
        try {
            arena.reserve(floats(config, capacity) + sums);
            layers = allocate();
            output = arena.allocate(capacity, config.width());
            cache = arena.cache(config.groups(), capacity, config.headWidth());
            slopes = Slopes.allocate(arena, config, capacity);
            tensors = new GradientTensors(arena, transformer.weights(), config, store, WeightNames.LLAMA, trained);
            shapes = new LinkedHashMap<>();
            tensors.names().forEach(name -> shapes.put(name,
                    store.tensor(name).shape().stream().mapToInt(i -> i).toArray()));
        } catch (OutOfMemoryError e) {
            close();
            throw new OutOfSpaceException(capacity, bytes, e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private List<Activations> allocate() {
        var all = new ArrayList<Activations>();
        all.add(Activations.allocate(arena, config, capacity));
        while (all.size() < config.layers()) {
            all.add(all.getFirst().with(arena.allocate(capacity, config.width()),
                    arena.activations(capacity, config.heads() * config.headWidth()),
                    arena.allocate(config.heads(), capacity)));
        }
        return List.copyOf(all);
    }

    /// Numbers that are in 32 bits whatever the backend computes with.
    private static long floats(ModelConfig config, int capacity) {
        return (long) capacity * (config.width() * (config.layers() + 3L) + (long) config.heads() * config.layers());
    }

    /// Bytes that texts of this length take, derivatives by weights not counted: linear in the length.
    public static long bytes(Backend backend, ModelConfig config, int capacity) {
        return Activations.bytes(backend, config, capacity)
                + backend.cacheBytes(backend.precision(), config.groups(), capacity, config.headWidth())
                + (config.layers() - 1) * (backend.bytes(capacity, config.width())
                + backend.bytes(capacity, config.heads() * config.headWidth())
                + backend.bytes(config.heads(), capacity)) + backend.bytes(capacity, config.width())
                + Slopes.bytes(backend, config, capacity);
    }

    /// What a text said.
    ///
    /// @param nats    mean negative log-likelihood of its tokens but the first, none of which was guessed
    /// @param density mean share of the causal blocks that were computed
    public record Lesson(double nats, double density) { }

    /// Names and shapes of the weights that change, in the order of the layers.
    public Map<String, int[]> shapes() {
        return shapes;
    }

    /// Reads a text and adds `weight` times the derivative of its mean negative log-likelihood to the sums.
    ///
    /// @param observer sees every layer on the way forward
    /// @throws IllegalArgumentException if the text has fewer than two tokens or more than fit
    /// @throws NotFiniteException       if its likelihood is no finite number
    public Lesson learn(int[] tokens, BlockSelector selector, double weight, LayerObserver observer) {
        model.requireOpen("the learning session");
        if (tokens.length < 2 || tokens.length > capacity) {
            throw new IllegalArgumentException("the text has " + tokens.length + " tokens, wanted 2 to " + capacity);
        }
        if (selector.correction() > 0) {
            throw new IllegalArgumentException(selector.label() + " corrects attention, which there is no way back "
                    + "through: wanted a selector without");
        }
        var masks = new ArrayList<BlockMask>();
        try (Arena prompt = arena.within("its text")) {
            var rotary = config.rotary(tokens.length);
            forward(tokens, rotary, prompt, selector, observer, masks);
            double nats = score(tokens, weight);
            for (int layer = config.layers() - 1; layer >= 0; layer--) {
                back(layer, tokens.length, rotary, masks.get(layer));
            }
            if (tensors.embedding() != null) {
                gradients.embed(tokens, slopes.stream(), tensors.embedding());
            }
            return new Lesson(nats, Arrays.stream(backend.kept(masks)).sum()
                    / masks.stream().mapToDouble(BlockMask::causal).sum());
        } finally {
            masks.forEach(BlockMask::close);
        }
    }

    private void forward(int[] tokens, Rotary rotary, Arena prompt, BlockSelector selector, LayerObserver observer,
                         List<BlockMask> masks) {
        int rows = tokens.length;
        backend.embed(transformer.weights().embedding(), tokens, 0, rows, layers.getFirst().stream());
        var run = selector.begin(new BlockSelector.Prompt(prompt, config, rows, rows));
        for (int layer = 0; layer < config.layers(); layer++) {
            Activations a = layers.get(layer);
            boolean pooled = transformer.project(layer, a, rotary, cache, 0, rows, run.pools(0));
            var view = new LayerView(prompt, config, layer, 0, rows, rows, a.rawQueries(), a.rawKeys(), a.queries(),
                    cache, pooled);
            try {
                masks.add(run.select(view));
            } catch (NotFiniteException e) {
                throw e.within("layer " + layer);
            }
            backend.attend(a.queries(), rows, 0, cache, masks.getLast(), a.attention(), a.logSumExp());
            observer.layer(view, masks.getLast(), a.attention(), a.logSumExp());
            Tensor next = layer == config.layers() - 1 ? output : layers.get(layer + 1).stream();
            gradients.copy(a.stream(), rows, next);
            transformer.finish(layer, a.with(next, a.attention(), a.logSumExp()), rows);
        }
    }

    private double score(int[] tokens, double weight) {
        int rows = tokens.length;
        var targets = Arrays.copyOfRange(tokens, 1, rows + 1);
        targets[rows - 1] = -1; // nobody knows what comes next
        var weights = transformer.weights();
        var scores = gradients.score(output, rows, weights.finalNorm(), config.epsilon(), weights.head(), targets,
                weight / (rows - 1), slopes.stream(), tensors.finalNorm(), tensors.head());
        double nats = scores.nats(0, rows - 1) / (rows - 1);
        if (!Double.isFinite(nats)) {
            throw new NotFiniteException("the text's mean negative log-likelihood is " + nats
                    + ", wanted a finite number");
        }
        return nats;
    }

    /// Computes a layer again and goes back through it.
    private void back(int layer, int rows, Rotary rotary, BlockMask mask) {
        LayerWeights w = transformer.weights().layers().get(layer);
        GradientTensors.Layer d = tensors.layer(layer);
        Activations a = layers.get(layer);
        // -- forward again --
        transformer.project(layer, a, rotary, cache, 0, rows, null);
        gradients.copy(a.stream(), rows, slopes.middle());
        backend.addProjected(a.attention(), rows, w.output(), slopes.middle());
        // -- back --
        gradients.feedForward(slopes.middle(), rows, w.feedForwardNorm(), config.epsilon(), w.gateUp(), w.down(),
                slopes.stream(), d.feedForwardNorm(), d.gateUp(), d.down());
        gradients.addProjected(a.attention(), rows, w.output(), slopes.stream(), slopes.attention(), d.output());
        gradients.attend(a.queries(), rows, cache, mask, a.attention(), a.logSumExp(), slopes.attention(),
                slopes.queries(), slopes.keys(), slopes.values());
        if (config.headNorm()) {
            normedHeads(a, w, d, rotary, rows);
        }
        gradients.project(a.stream(), rows, w.attentionNorm(), config.epsilon(), w.qkv(),
                config.headNorm() ? null : rotary, slopes.queries(), slopes.keys(), slopes.values(), slopes.stream(),
                d.attentionNorm(), d.qkv(), d.qkvBias());
    }

    /// Turned back, and projected once more, since norms work in place.
    private void normedHeads(Activations a, LayerWeights w, GradientTensors.Layer d, Rotary rotary, int rows) {
        Gradients.turnBack(backend, rotary, rows, slopes.queries(), slopes.keys());
        backend.project(a.stream(), rows, w.attentionNorm(), config.epsilon(), w.qkv(), w.qkvBias(), a.rawQueries(),
                a.rawKeys(), a.values());
        gradients.normHeads(a.rawQueries(), rows, w.queryNorm(), config.epsilon(), slopes.queries(), d.queryNorm());
        gradients.normHeads(a.rawKeys(), rows, w.keyNorm(), config.epsilon(), slopes.keys(), d.keyNorm());
    }

    /// The weights that change, held by the backend; they take three more tensors of the size of each.
    public LearnedWeights weights() {
        return new LearnedWeights(arena, gradients, tensors);
    }

    /// Copies the sums into `target`, by name, and begins anew.
    public void takeGradients(Map<String, float[]> target) {
        tensors.take(gradients, target);
    }

    /// Computes with these weights from now on.
    ///
    /// @param values by name, of all weights that change
    public void load(Map<String, float[]> values) {
        tensors.load(gradients, values);
    }

    @Override
    public void close() {
        arena.close();
    }
}
