package seer.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.WeightSketch;
import seer.model.text.ChatTemplate;
import seer.model.text.Tokenizer;

/// A model opened from a folder in Hugging Face layout or a GGUF file, as [ModelFiles] reads them.
///
/// Weights are memory-mapped, laid out once for the backend, after which what was read of the files is let go of, and
/// live until [#close()], which frees them where the backend computes. Sessions and gates have memory of their own: all
/// of them close in any order, and what still needs the model says that it is closed. The backend belongs to the
/// caller. A model and its sessions are used by one thread at a time.
public final class LanguageModel implements AutoCloseable {
    private final ModelFiles files;
    private final Backend backend;
    private final Arena arena;
    private final Transformer transformer;

    private LanguageModel(ModelFiles files, Arena arena) {
        this.files = files;
        this.backend = arena.backend();
        this.arena = arena;
        backend.requireUse(files.path(), files.layerTypes());
        this.transformer = new Transformer(backend, files.config(),
                ModelWeights.load(files.weights(), WeightNames.LLAMA, files.config(), arena));
        files.weights().letGo();
    }

    /// Whether a model is stored in BF16 and of a shape that tensor cores are used for. What holds no model is none;
    /// opening it says why.
    public static boolean suitsTensorCores(Path path) {
        try (var files = ModelFiles.open(path)) {
            var embedding = files.weights().tensor(WeightNames.LLAMA.embedding());
            return embedding.type() == DType.BF16 && files.config().suitsTensorCores();
        } catch (MalformedModelException e) {
            return false;
        }
    }

    /// Opens the model in a folder, or in a GGUF file, for `backend`.
    ///
    /// @throws seer.model.load.MalformedModelException naming the file and field that do not fit
    public static LanguageModel open(Path path, Backend backend) {
        return open(path, backend, config -> config);
    }

    /// The same with another shape than its files say: for longer texts.
    ///
    /// @param shape of the model that is to be, from that in the files
    /// @throws IllegalArgumentException if `shape` does
    public static LanguageModel open(Path path, Backend backend, UnaryOperator<ModelConfig> shape) {
        var files = ModelFiles.open(path);
        Arena arena = null;
        try {
            files = files.as(shape.apply(files.config()));
            arena = backend.arena("the model in " + path, backend.weights().bytes(files.weights().parameterCount()));
            return new LanguageModel(files, arena);
        } catch (InternalError e) {
            if (arena != null) {
                arena.close();
            }
            files.close();
            throw files.weights().lost(e);
        } catch (RuntimeException | Error e) {
            if (arena != null) {
                arena.close();
            }
            files.close();
            throw e;
        }
    }

    /// A model of this shape whose weights are drawn by lot, to measure what a prompt costs where no weights are at
    /// hand: it reads as fast as any other and says nothing. It has no tokenizer.
    ///
    /// @param name as results and errors say it, in the place of a folder
    public static LanguageModel random(String name, ModelConfig config, Backend backend, long seed) {
        var files = new ModelFiles(Path.of(name), config, null, new RandomWeights(Path.of(name), config, seed));
        Arena arena = null;
        try {
            arena = backend.arena("the model " + name, backend.weights().bytes(files.weights().parameterCount()));
            return new LanguageModel(files, arena);
        } catch (RuntimeException | Error e) {
            if (arena != null) {
                arena.close();
            }
            files.close();
            throw e;
        }
    }

    /// The folder or file that it came from.
    public Path path() {
        return files.path();
    }

    /// The folder that it is in, and what belongs to it.
    public Path folder() {
        Path path = files.path();
        return Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    }

    /// Its shape.
    public ModelConfig config() {
        return files.config();
    }

    /// Its tokenizer.
    ///
    /// @throws IllegalStateException if it has none, its weights being drawn by lot
    public Tokenizer tokenizer() {
        if (files.tokenizer() == null) {
            throw new IllegalStateException("the model " + files.path() + " of random weights has no tokenizer");
        }
        return files.tokenizer();
    }

    /// How conversations are put before it; empty for a model that was not trained for any.
    ///
    /// @throws seer.model.load.MalformedModelException if its template is of a form that is not known
    public Optional<ChatTemplate> chat() {
        return files.chat();
    }

    /// Where it computes.
    public Backend backend() {
        return backend;
    }

    /// Number of weights.
    public long parameters() {
        return files.weights().parameterCount();
    }

    /// SHA-256 of the weights, in hex, or of what they are drawn by: gates name the model they belong to by it.
    public String sha256() {
        return files.weights().sha256();
    }

    /// What a copy of the weights in another precision has in common with them: gates know their model by it too. Reads
    /// every weight.
    public WeightSketch sketch() {
        return WeightSketch.of(files.weights());
    }

    /// A session for texts of up to `capacity` tokens, prompt and answer together, read in chunks of
    /// what the backend likes.
    public Session session(int capacity) {
        return session(capacity, backend.chunk());
    }

    /// What a session takes.
    public SessionMemory memory(int capacity, int chunk) {
        return SessionMemory.of(backend, config(), files.weights().types(), capacity, chunk);
    }

    /// Fails if the model is closed.
    ///
    /// @param what is used of it, as the sentence names it
    /// @throws IllegalStateException saying so
    void requireOpen(String what) {
        arena.requireOpen(what);
    }

    /// A session for texts of up to `capacity` tokens that reads prompts in chunks of `chunk` tokens.
    ///
    /// @throws IllegalArgumentException if the capacity is beyond the model's context
    /// @throws IllegalStateException    if the model is closed
    /// @throws OutOfSpaceException      if memory does not suffice
    public Session session(int capacity, int chunk) {
        requireFits(capacity);
        if (chunk < 1) {
            throw new IllegalArgumentException("chunk is " + chunk + ", wanted at least 1");
        }
        requireOpen("a new session");
        return new Session(this, transformer, capacity, chunk);
    }

    /// A session in which weights change, for texts of up to `capacity` tokens.
    ///
    /// @param trained whether the weights of this name change
    /// @throws IllegalArgumentException if the capacity is beyond the model's context, or the backend computes no
    ///                                  gradients
    /// @throws IllegalStateException    if the model is closed
    /// @throws OutOfSpaceException      if memory does not suffice
    public LearningSession learn(int capacity, Predicate<String> trained) {
        requireFits(capacity);
        requireOpen("a new learning session");
        return new LearningSession(this, transformer, files.weights(), capacity, trained);
    }

    private void requireFits(int capacity) {
        if (capacity < 1 || capacity > config().contextLength()) {
            throw new IllegalArgumentException("a text of " + capacity + " tokens does not fit the model's context of "
                    + config().contextLength() + " tokens");
        }
    }

    /// The weights of this name, as they are in its files.
    ///
    /// @throws seer.model.load.MalformedModelException if there are none
    public float[] weights(String name) {
        requireOpen("a weight");
        return files.weights().tensor(name).finiteFloats();
    }

    /// Extents of the weights of this name, outermost first.
    public int[] shape(String name) {
        return files.weights().tensor(name).shape().stream().mapToInt(extent -> extent).toArray();
    }

    @Override
    public void close() {
        arena.close();
        files.close();
    }
}
