package seer.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import seer.gate.SelectorSpec;
import seer.model.BackendChoice;
import seer.model.Sampling;

/// What to open, where to compute, and how to answer where a request does not say. What is not set is as on the command
/// line of `seer generate`: dense attention, the likeliest tokens, 256 of them.
///
/// @param <M> what is built
public final class SeerModelBuilder<M> {
    private static final int NEW_TOKENS = 256;

    private final Function<LocalModel, M> wrapper;
    private Path model;
    private Path gates;
    private BackendChoice.Kind backend = BackendChoice.Kind.AUTO;
    private BackendChoice.Precision precision = BackendChoice.Precision.AUTO;
    private int threads = Runtime.getRuntime().availableProcessors();
    private SelectorSpec selector;
    private int newTokens = NEW_TOKENS;
    private double temperature;
    private double topP = 1;
    private long seed;
    private List<ChatModelListener> listeners = List.of();

    SeerModelBuilder(Function<LocalModel, M> wrapper) {
        this.wrapper = wrapper;
    }

    /// What was set, checked.
    ///
    /// @param gates null for the folder `gate` inside the model's, or beside a file
    record Options(Path model, Path gates, BackendChoice backend, SelectorSpec selector, int newTokens,
                   Sampling sampling, List<ChatModelListener> listeners) {
        Options {
            if (model == null) {
                throw new IllegalArgumentException("modelPath is not set, wanted a model's folder or GGUF file");
            }
            if (gates != null && !selector.needsGate()) {
                throw new IllegalArgumentException("gatePath is " + gates + ", but nothing uses gates: set density, "
                        + "threshold or select(\"gate\") too");
            }
            if (newTokens < 1) {
                throw new IllegalArgumentException("maxOutputTokens is " + newTokens + ", wanted at least 1");
            }
        }
    }

    /// The model: a folder in Hugging Face layout, or a GGUF file.
    public SeerModelBuilder<M> modelPath(Path path) {
        model = path;
        return this;
    }

    /// Where to compute: `auto`, which is TornadoVM's default device where it is an accelerator, else the cpu; `cpu`;
    /// `tornado`; or `simulator`. Answers say what it was.
    public SeerModelBuilder<M> backend(String name) {
        backend = BackendChoice.Kind.of(name);
        return this;
    }

    /// How a device stores weights, activations and the cache: `auto`, `f32` or `bf16`. On the cpu, which computes in
    /// f32, also `int8`: a layer's products with weights of four bits in whole numbers.
    public SeerModelBuilder<M> precision(String name) {
        precision = BackendChoice.Precision.of(name);
        return this;
    }

    /// Worker threads of the cpu backend; one per core where nothing is set.
    public SeerModelBuilder<M> threads(int count) {
        threads = count;
        return this;
    }

    /// The folder of the gates; the folder `gate` inside the model's, or beside a file, where nothing is set.
    public SeerModelBuilder<M> gatePath(Path folder) {
        gates = folder;
        return this;
    }

    /// Reads prompts with this share of the attention map's blocks, the ones that the gates find likeliest.
    public SeerModelBuilder<M> density(double share) {
        return select("gate:density=" + share);
    }

    /// Reads prompts with the blocks that the gates find likelier than this.
    public SeerModelBuilder<M> threshold(double probability) {
        return select("gate:threshold=" + probability);
    }

    /// Chooses blocks as the command line's `--select` does: `dense`, `gate` with the thresholds of its adapter,
    /// `gate:budget=0.1`, `minmax:density=0.1` ...
    public SeerModelBuilder<M> select(String specification) {
        var chosen = SelectorSpec.parse(specification);
        if (selector != null) {
            throw new IllegalArgumentException("blocks are chosen by " + selector.text() + " and by " + chosen.text()
                    + ", wanted one of density, threshold and select, once");
        }
        selector = chosen;
        return this;
    }

    /// Tokens of an answer, at most.
    public SeerModelBuilder<M> maxOutputTokens(int count) {
        newTokens = count;
        return this;
    }

    /// 0 takes the likeliest token.
    public SeerModelBuilder<M> temperature(double value) {
        temperature = value;
        return this;
    }

    /// Draws among the likeliest tokens that hold this share of the probability.
    public SeerModelBuilder<M> topP(double share) {
        topP = share;
        return this;
    }

    /// Of the draws: the same request gets the same answer.
    public SeerModelBuilder<M> seed(long number) {
        seed = number;
        return this;
    }

    /// Told of requests, answers and errors.
    public SeerModelBuilder<M> listeners(List<ChatModelListener> listeners) {
        this.listeners = List.copyOf(listeners);
        return this;
    }

    /// Opens the model.
    ///
    /// @throws IllegalArgumentException if options do not go together
    /// @throws seer.model.load.MalformedModelException if a file is broken, or gates do not fit
    /// @throws seer.model.backend.BackendUnavailableException if nothing can compute there
    public M build() {
        var dense = SelectorSpec.parse("dense");
        return wrapper.apply(LocalModel.open(new Options(model, gates, new BackendChoice(backend, precision, threads),
                Objects.requireNonNullElse(selector, dense), newTokens, new Sampling(temperature, topP, seed),
                listeners)));
    }
}
