package seer.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import seer.model.backend.Backend;
import seer.model.load.WeightSketch;
import seer.model.text.ChatTemplate;
import seer.model.text.Tokenizer;

/// A model opened from a folder in Hugging Face layout or a GGUF file, as [ModelFiles] reads them.
///
/// Weights are memory-mapped, laid out once for the backend, and live until [#close()]; what a device holds of them
/// lives until its backend closes. The backend belongs to the caller, who closes it last. A model and its sessions are
/// used by one thread at a time.
public final class LanguageModel implements AutoCloseable {
    private final ModelFiles files;
    private final Backend backend;
    private final Transformer transformer;

    private LanguageModel(ModelFiles files, Backend backend) {
        this.files = files;
        this.backend = backend;
        this.transformer = new Transformer(backend, files.config(),
                ModelWeights.load(files.weights(), WeightNames.LLAMA, files.config(), backend));
    }

    /// Opens the model in a folder, or in a GGUF file, for `backend`.
    ///
    /// @throws seer.model.load.MalformedModelException naming the file and field that do not fit
    public static LanguageModel open(Path path, Backend backend) {
        var files = ModelFiles.open(path);
        try {
            return new LanguageModel(files, backend);
        } catch (InternalError e) {
            files.close();
            throw files.weights().lost(e);
        } catch (RuntimeException | Error e) {
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
    public Tokenizer tokenizer() {
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

    /// SHA-256 of the weights, in hex: gates name the model they belong to by it.
    public String sha256() {
        return files.weights().sha256();
    }

    /// What a copy of the weights in another precision has in common with them: gates know their model by it too. Reads
    /// every weight.
    public WeightSketch sketch() {
        return WeightSketch.of(files.weights());
    }

    /// A session for texts of up to `capacity` tokens, prompt and answer together, read in chunks of
    /// [Session#DEFAULT_CHUNK].
    public Session session(int capacity) {
        return session(capacity, Session.DEFAULT_CHUNK);
    }

    /// A session for texts of up to `capacity` tokens that reads prompts in chunks of `chunk` tokens.
    ///
    /// @throws IllegalArgumentException if the capacity is beyond the model's context
    /// @throws OutOfSpaceException      if memory does not suffice
    public Session session(int capacity, int chunk) {
        if (capacity < 1 || capacity > config().contextLength()) {
            throw new IllegalArgumentException("a text of " + capacity + " tokens does not fit the model's context of "
                    + config().contextLength() + " tokens");
        }
        if (chunk < 1) {
            throw new IllegalArgumentException("chunk is " + chunk + ", wanted at least 1");
        }
        return new Session(this, transformer, capacity, chunk);
    }

    @Override
    public void close() {
        files.close();
    }
}
