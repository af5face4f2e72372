package seer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import seer.model.backend.Backend;
import seer.model.load.DType;
import seer.support.PlainRope;
import seer.support.PlainTransformer;
import seer.support.TinyGguf;
import seer.support.TinyModel;
import seer.support.TinySafetensors;

/// Small models of every family that README.md lists, with known weights, in every format that it lists: each gives the
/// logits that plain double precision gives for the weights that the bytes say, and all of them what the unrounded
/// weights give, as closely as the type can.
class FormatsTest {
    private static final int VOCABULARY = 320;
    private static final int[] PROMPT = new SplittableRandom(9).ints(12, 1, 320).toArray();
    private static final double TOLERANCE = 1e-3;
    private static final List<DType> FOLDERS = List.of(DType.F32, DType.F16, DType.BF16);
    private static final List<DType> GGUF = List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0,
            DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q4_K, DType.Q5_K, DType.Q6_K);

    @TempDir
    private Path folder;

    /// What sets the families apart, small. Contexts are so short that scalings change the angles of these few tokens.
    private enum Family {
        LLAMA_2("llama", 4, 4, 64, false, PlainRope.plain(10_000)),
        LLAMA_3("llama", 8, 2, 32, false, PlainRope.plain(500_000)),
        LLAMA_3_1("llama", 4, 1, 64, false, new PlainRope(500_000, "llama3", 8, 32)),
        LLAMA_3_2("llama", 4, 2, 64, true, new PlainRope(500_000, "llama3", 32, 32)),
        LLAMA_LINEAR("llama", 2, 1, 128, true, new PlainRope(10_000, "linear", 4, 1024)),
        LLAMA_DYNAMIC("llama", 4, 2, 64, true, new PlainRope(10_000, "dynamic", 2, 6)),
        SMOLLM2("llama", 12, 4, 64, true, PlainRope.plain(100_000)),
        MISTRAL("mistral", 4, 2, 128, false, PlainRope.plain(1_000_000)),
        QWEN2("qwen2", 7, 1, 128, false, PlainRope.plain(1_000_000)),
        QWEN2_5("qwen2", 14, 2, 64, true, PlainRope.plain(1_000_000)),
        QWEN2_5_YARN("qwen2", 4, 2, 64, true, new PlainRope(1_000_000, "yarn", 4, 512)),
        QWEN3("qwen3", 4, 2, 128, true, PlainRope.plain(1_000_000));

        private final String type;
        private final int heads;
        private final int groups;
        private final int headWidth;
        private final boolean tied;
        private final PlainRope rope;

        Family(String type, int heads, int groups, int headWidth, boolean tied, PlainRope rope) {
            this.type = type;
            this.heads = heads;
            this.groups = groups;
            this.headWidth = headWidth;
            this.tied = tied;
            this.rope = rope;
        }

        /// The same weights at each call.
        TinyModel model() {
            return TinyModel.random(type, 256, 256, VOCABULARY, heads, groups, headWidth, tied, rope);
        }

        /// What GGUF has no key for.
        boolean isFoldersAlone() {
            return rope.type().equals("dynamic");
        }
    }

    /// How far weights of a type may take the logits from those of the unrounded weights, as a share of their length:
    /// about twice what it is here.
    private static double share(DType type) {
        return switch (type) {
            case F32 -> 1e-5;
            case F16 -> 3e-3;
            case BF16, Q8_0 -> 4e-2;
            case Q6_K -> 0.12;
            case Q5_0, Q5_1, Q5_K -> 0.25;
            case Q4_0, Q4_1, Q4_K -> 0.7;
            default -> throw new IllegalArgumentException(type.toString());
        };
    }

    /// Rows that are no whole blocks are of another type, as llama.cpp has it: those of 7 heads of 128.
    private static DType fitting(TinyModel tiny, String name, DType type) {
        int[] shape = tiny.shape(name, tiny.weights().get(name).length);
        return shape[shape.length - 1] % type.block() == 0 ? type : DType.Q8_0;
    }

    private static float[] logits(Path path, Backend backend) {
        try (var model = LanguageModel.open(path, backend); var session = model.session(PROMPT.length)) {
            return session.prefill(PrefillRequest.of(PROMPT, BlockSelector.dense())).logits();
        }
    }

    private static void agree(TinyModel rounded, float[] exact, float[] got, DType type, String what) {
        assertWithin(new PlainTransformer(rounded).last(PROMPT), got, TOLERANCE, what);
        double square = 0;
        double difference = 0;
        for (int i = 0; i < got.length; i++) {
            square += exact[i] * exact[i];
            difference += Math.pow(got[i] - exact[i], 2);
        }
        double share = Math.sqrt(difference / square);
        assertTrue(share <= share(type), what + " differs from the unrounded model's logits by " + share
                + " of their length");
        assertTrue(type == DType.F32 || share > share(type) / 50, what + " is no rounded model: " + share);
    }

    private void folders(Family family) throws IOException {
        float[] exact = new PlainTransformer(family.model()).last(PROMPT);
        try (var backend = Backends.cpu(2)) {
            for (DType type : FOLDERS) {
                var tiny = family.model();
                int shards = type == DType.F16 ? 3 : 1;
                Path path = TinySafetensors.write(tiny, type, shards, folder.resolve(type.name()));
                agree(tiny, exact, logits(path, backend), type, family + ", folder of " + type);
            }
        }
    }

    private void ggufs(Family family, List<DType> types) {
        float[] exact = new PlainTransformer(family.model()).last(PROMPT);
        try (var backend = Backends.cpu(2)) {
            for (DType type : family.isFoldersAlone() ? List.<DType>of() : types) {
                var tiny = family.model();
                int version = 2 + (family.ordinal() + type.ordinal()) % 2;
                Path path = TinyGguf.of(tiny, name -> fitting(tiny, name, type)).version(version)
                        .write(folder.resolve(type + ".gguf"));
                agree(tiny, exact, logits(path, backend), type, family + ", GGUF " + version + " of " + type);
            }
        }
    }

    /// As GGUF every fourth type, at another of them with each family.
    @ParameterizedTest
    @EnumSource
    void everyFamilyAndEveryFormatGiveTheLogitsOfTheirWeights(Family family) throws IOException {
        folders(family);
        ggufs(family, IntStream.range(0, GGUF.size()).filter(i -> (i + family.ordinal()) % 4 == 0)
                .mapToObj(GGUF::get).toList());
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void soDoesEveryFormatOfEveryFamily(Family family) {
        ggufs(family, GGUF);
    }

    /// A scaling that changed nothing would agree with anything.
    @ParameterizedTest
    @EnumSource
    void scalingsMatter(Family family) {
        var plain = PlainRope.plain(family.rope.theta()).frequencies(family.headWidth, PROMPT.length);
        var scaled = family.rope.frequencies(family.headWidth, PROMPT.length);
        double most = IntStream.range(0, plain.length)
                .mapToDouble(i -> Math.abs(plain[i] - scaled[i]) * PROMPT.length).max().orElseThrow();
        assertEquals(family.rope.type().equals("default"), most < 0.05, "angles differ by " + most);
    }
}
