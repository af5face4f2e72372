package seer.gate;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Tensor;

/// The gates of all layers of one model: small learned predictors of which blocks of the attention map matter
/// (SeerAttention, arXiv 2410.13276, section 3.1).
///
/// Per block of `B` tokens, queries and keys are pooled before their rotation, projected per head to width `E`,
/// rotated as if the block stood at its first token, and compared by dot product over the root of `E`.
///
/// Its weights live where the model computes, in memory of their own, until [#close()] or until the backend closes.
public final class AttnGate implements AutoCloseable {
    private final Arena arena;
    private final GateConfig config;
    private final List<GateLayer> layers;
    private final long parameters;
    private final long modelParameters;

    /// @param arena that the weights are in; closed with the gates
    AttnGate(Arena arena, GateConfig config, List<GateLayer> layers, long parameters, long modelParameters) {
        this.arena = arena;
        this.config = config;
        this.layers = layers;
        this.parameters = parameters;
        this.modelParameters = modelParameters;
    }

    /// Where a model's gates are if nobody says otherwise: the folder `gate` inside the model's, or beside a file.
    public static Path folder(Path model) {
        return (Files.isRegularFile(model) ? model.toAbsolutePath().getParent() : model).resolve("gate");
    }

    /// Reads the adapter in `folder` (`config.json`, `attn_gate_weights.safetensors`) for `model`.
    ///
    /// @throws seer.model.load.MalformedModelException if a file is broken or does not fit the model
    public static AttnGate open(Path folder, LanguageModel model) {
        return AttnGateFile.read(folder, model);
    }

    /// Its shape.
    public GateConfig config() {
        return config;
    }

    /// Number of learned weights.
    public long parameters() {
        return parameters;
    }

    /// Learned weights as a share of the model's.
    public double shareOfModel() {
        return (double) parameters / modelParameters;
    }

    /// A selector that keeps what `rule` keeps of this gate's scores, and what is forced.
    public GateSelector selector(SelectionRule rule, ForcedBlocks forced) {
        return GateSelector.of(this, rule, forced);
    }

    /// Keeps blocks whose probability is above `threshold`, with the forced blocks of [ForcedBlocks#DEFAULT].
    public GateSelector threshold(double threshold) {
        return selector(new SelectionRule.Threshold((float) threshold, config.activation()), ForcedBlocks.DEFAULT);
    }

    /// Keeps the same share of blocks in every head, with the forced blocks of [ForcedBlocks#DEFAULT].
    public GateSelector density(double density) {
        return selector(new SelectionRule.TopBlocks(density), ForcedBlocks.DEFAULT);
    }

    /// Keeps blocks whose probability is above the thresholds that the adapter was calibrated to, those of the prompt's
    /// length, with the correction that it was calibrated with. Where it was calibrated without the first block, rows
    /// do not keep that either.
    ///
    /// @throws IllegalArgumentException if it was not calibrated
    public BlockSelector calibrated(ForcedBlocks forced) {
        var bare = bare(forced);
        var correction = config.thresholds().correction();
        return correction == null ? bare : correction.on(bare, bare.label() + correction.text());
    }

    /// The same without the correction.
    GateSelector bare(ForcedBlocks forced) {
        if (config.thresholds() == null) {
            throw new IllegalArgumentException("these gates carry no threshold: find one with seer calibrate, or say "
                    + "gate:threshold=T or gate:density=R");
        }
        return new GateSelector(this, "gate:calibrated",
                tokens -> config.thresholds().rules(layers(), config.activation(), tokens),
                new ForcedBlocks(forced.denseLastRows(), forced.keepFirst() && config.thresholds().keepFirst()));
    }

    /// Its weights as they are now, layer by layer, as an adapter has them.
    public List<AttnGateWriter.Weights> weights() {
        var weights = new ArrayList<AttnGateWriter.Weights>();
        each((name, tensor) -> weights.add(new AttnGateWriter.Weights(name, tensor.download(), tensor.shape())));
        return weights;
    }

    /// The hash of its weights as they are now, in hexadecimal: a run goes on only with those it began with.
    public String fingerprint() {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var weights : weights()) {
                var bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, weights.values().length));
                bytes.asFloatBuffer().put(weights.values());
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// Chooses by other weights from now on, prompts that are being read included.
    ///
    /// @param values by name, as [#weights()] has them
    /// @throws java.util.NoSuchElementException if the backend computes no gradients: then it takes no new weights
    public void load(Map<String, float[]> values) {
        var gradients = arena.backend().gradients().orElseThrow();
        each((name, tensor) -> gradients.load(tensor, values.get(name)));
    }

    private void each(BiConsumer<String, Tensor> of) {
        for (int layer = 0; layer < layers.size(); layer++) {
            of.accept(AttnGateWriter.tensorName(layer, "k"), layers.get(layer).key());
            if (layers.get(layer).query() != null) {
                of.accept(AttnGateWriter.tensorName(layer, "q"), layers.get(layer).query());
            }
        }
    }

    /// Frees the weights. The model may have been closed before, or be closed later.
    @Override
    public void close() {
        arena.close();
    }

    int layers() {
        return layers.size();
    }

    GateLayer layer(int layer) {
        return layers.get(layer);
    }

    /// Heads of the projected keys: as many as the key weights have.
    int keyHeads() {
        return layers.getFirst().key().extent(0);
    }
}
