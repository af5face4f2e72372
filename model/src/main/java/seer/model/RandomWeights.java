package seer.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import seer.model.load.DType;
import seer.model.load.GeneratedWeights;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsWriter;
import seer.model.load.WeightTensor;

/// Weights of a shape in BF16: norms of ones, all else normal with deviation 0.02, as models begin their training with.
///
/// Memory holds as many numbers as the largest tensor has, a drawn tile repeated; every tensor is a view of them that
/// begins at a place of its own.
final class RandomWeights implements GeneratedWeights {
    private static final double DEVIATION = 0.02;
    /// Numbers that are drawn: a prime, so that rows of no matrix repeat soon.
    private static final int TILE = 1_048_573;
    private static final ValueLayout.OfShort HALF =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path name;
    private final ModelConfig config;
    private final long seed;
    private final Map<String, List<Integer>> shapes;
    private final Arena memory = Arena.ofShared();
    private final MemorySegment numbers;
    private final MemorySegment ones;

    RandomWeights(Path name, ModelConfig config, long seed) {
        this.name = name;
        this.config = config;
        this.seed = seed;
        this.shapes = shapes(config);
        long largest = shapes.values().stream().mapToLong(RandomWeights::size).max().orElseThrow();
        this.numbers = memory.allocate(2 * largest);
        this.ones = memory.allocate(2L * config.width());
        fill(numbers, tile(seed));
        for (int i = 0; i < config.width(); i++) {
            ones.setAtIndex(HALF, i, SafetensorsWriter.bfloat16(1));
        }
    }

    /// Tensors by name.
    static Map<String, List<Integer>> shapes(ModelConfig config) {
        var names = WeightNames.LLAMA;
        var shapes = new LinkedHashMap<String, List<Integer>>();
        int c = config.width();
        int f = config.feedForward();
        int hd = config.heads() * config.headWidth();
        int gd = config.groups() * config.headWidth();
        shapes.put(names.embedding(), List.of(config.vocabulary(), c));
        for (int layer = 0; layer < config.layers(); layer++) {
            shapes.put(names.layer(layer, names.attentionNorm()) + ".weight", List.of(c));
            shapes.put(names.layer(layer, names.query()) + ".weight", List.of(hd, c));
            shapes.put(names.layer(layer, names.key()) + ".weight", List.of(gd, c));
            shapes.put(names.layer(layer, names.value()) + ".weight", List.of(gd, c));
            shapes.put(names.layer(layer, names.output()) + ".weight", List.of(c, hd));
            shapes.put(names.layer(layer, names.feedForwardNorm()) + ".weight", List.of(c));
            shapes.put(names.layer(layer, names.gate()) + ".weight", List.of(f, c));
            shapes.put(names.layer(layer, names.up()) + ".weight", List.of(f, c));
            shapes.put(names.layer(layer, names.down()) + ".weight", List.of(c, f));
            if (config.headNorm()) {
                shapes.put(names.layer(layer, names.queryNorm()) + ".weight", List.of(config.headWidth()));
                shapes.put(names.layer(layer, names.keyNorm()) + ".weight", List.of(config.headWidth()));
            }
            if (config.attentionBias()) {
                shapes.put(names.layer(layer, names.query()) + ".bias", List.of(hd));
                shapes.put(names.layer(layer, names.key()) + ".bias", List.of(gd));
                shapes.put(names.layer(layer, names.value()) + ".bias", List.of(gd));
            }
        }
        shapes.put(names.finalNorm(), List.of(c));
        if (!config.tiedHead()) {
            shapes.put(names.head(), List.of(config.vocabulary(), c));
        }
        return shapes;
    }

    private static long size(List<Integer> shape) {
        return shape.stream().mapToLong(extent -> extent).reduce(1, Math::multiplyExact);
    }

    private static MemorySegment tile(long seed) {
        var random = new SplittableRandom(seed);
        var tile = MemorySegment.ofArray(new byte[2 * TILE]);
        for (int i = 0; i < TILE; i++) {
            tile.setAtIndex(HALF, i, SafetensorsWriter.bfloat16((float) (random.nextGaussian() * DEVIATION)));
        }
        return tile;
    }

    private static void fill(MemorySegment all, MemorySegment tile) {
        for (long at = 0; at < all.byteSize(); at += tile.byteSize()) {
            MemorySegment.copy(tile, 0, all, at, Math.min(tile.byteSize(), all.byteSize() - at));
        }
    }

    @Override
    public Path file() {
        return name;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(shapes.keySet());
    }

    @Override
    public boolean has(String tensor) {
        return shapes.containsKey(tensor);
    }

    @Override
    public WeightTensor tensor(String tensor) {
        List<Integer> shape = shapes.get(tensor);
        if (shape == null) {
            throw new MalformedModelException(name, "there is no tensor " + tensor + " in this shape");
        }
        long size = size(shape);
        if (tensor.endsWith("norm.weight")) {
            return new WeightTensor(name, tensor, DType.BF16, shape, ones);
        }
        long places = numbers.byteSize() / 2 - size + 1;
        long from = new SplittableRandom(seed + tensor.hashCode()).nextLong(places);
        return new WeightTensor(name, tensor, DType.BF16, shape, numbers.asSlice(2 * from, 2 * size));
    }

    @Override
    public long parameterCount() {
        return shapes.values().stream().mapToLong(RandomWeights::size).sum();
    }

    /// The shape and the seed say what the weights are.
    @Override
    public String sha256() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                    .digest((config + " by " + seed).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /// They are one array for all tensors: nothing was read.
    @Override
    public void letGo() { }

    @Override
    public void close() {
        if (memory.scope().isAlive()) {
            memory.close();
        }
    }
}
