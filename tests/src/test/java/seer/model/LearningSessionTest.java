package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.attention.BlockMask;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;
import seer.model.backend.WeightChange;
import seer.support.PlainTransformer;
import seer.support.Slopes;
import seer.support.TinyModel;

/// The gradient of a whole model against finite differences of the plain double-precision transformer.
class LearningSessionTest {
    private static final int BLOCK = 8;
    private static final int[] TOKENS = new SplittableRandom(4).ints(21, 0, 60).toArray();

    @TempDir
    private Path folder;

    /// Keeps the diagonal and every other block, by head.
    private record Every(int block) implements BlockSelector {
        Every() {
            this(BLOCK);
        }

        static boolean keeps(int head, int row, int column) {
            return row == column || (row + column + head) % 2 == 0;
        }

        @Override
        public String label() {
            return "every other";
        }

        @Override
        public Run begin(Prompt prompt) {
            return view -> {
                int rows = view.blocks(block);
                int heads = view.config().heads();
                var start = new int[heads * rows + 1];
                int[] index = IntStream.range(0, heads * rows).flatMap(r -> IntStream.rangeClosed(0, r % rows)
                        .filter(j -> keeps(r / rows, r % rows, j)).peek(j -> start[r + 1]++)).toArray();
                for (int r = 0; r < heads * rows; r++) {
                    start[r + 1] += start[r];
                }
                return new BlockMask(heads, block, 0, rows, start, index);
            };
        }
    }

    private static TinyModel model(String family, boolean tied) {
        return TinyModel.random(family, 60, 12, 16, 4, 2, 4, tied);
    }

    private static Map<String, float[]> zeros(LearningSession session) {
        var zeros = new LinkedHashMap<String, float[]>();
        session.shapes().forEach((name, shape) ->
                zeros.put(name, new float[IntStream.of(shape).reduce(1, Math::multiplyExact)]));
        return zeros;
    }

    private Map<String, float[]> gradients(Path model, BlockSelector selector, Predicate<String> trained,
                                           int threads) {
        try (Backend backend = Backends.cpu(threads)) {
            return gradients(model, selector, trained, backend);
        }
    }

    private static Map<String, float[]> gradients(Path model, BlockSelector selector, Predicate<String> trained,
                                                  Backend backend) {
        return gradients(model, TOKENS, selector, trained, backend);
    }

    private static Map<String, float[]> gradients(Path model, int[] tokens, BlockSelector selector,
                                                  Predicate<String> trained, Backend backend) {
        try (var open = LanguageModel.open(model, backend); var session = open.learn(tokens.length, trained)) {
            session.learn(tokens, selector, 1, LayerObserver.NONE);
            var gradients = zeros(session);
            session.takeGradients(gradients);
            return gradients;
        }
    }

    @ParameterizedTest
    @CsvSource({"llama, true, true", "llama, false, false", "qwen2, true, false", "qwen3, false, true"})
    void everyWeightsGradientIsThatOfFiniteDifferences(String family, boolean tied, boolean sparse)
            throws IOException {
        var tiny = model(family, tied);
        var selector = sparse ? new Every() : BlockSelector.dense();
        var plain = new PlainTransformer(tiny, (head, query, key) ->
                !sparse || Every.keeps(head, query / BLOCK, key / BLOCK));
        var gradients = gradients(tiny.write(folder), selector, name -> true, 2);
        assertEquals(tiny.weights().keySet(), gradients.keySet());
        var random = new SplittableRandom(1);
        tiny.weights().forEach((name, values) -> {
            int[] sample = random.ints(12, 0, values.length).distinct().toArray();
            if (name.contains("embed_tokens")) { // of tokens that occur
                sample = IntStream.of(sample).map(i -> TOKENS[i % TOKENS.length] * 12 + i % 12).distinct().toArray();
            }
            var wanted = new double[sample.length];
            var got = new float[sample.length];
            for (int i = 0; i < sample.length; i++) {
                wanted[i] = Slopes.of(values, sample[i], () -> plain.loss(TOKENS));
                got[i] = gradients.get(name)[sample[i]];
            }
            Slopes.assertClose(name, wanted, got, 1e-4);
        });
    }

    /// Operands are rounded to eight bits of mantissa: a gradient is off by a share of its length.
    @ParameterizedTest
    @CsvSource({"llama, true, 70", "qwen2, false, 130"})
    void tensorCoresGiveTheSameGradientsButForRounding(String family, boolean tied, int length) throws IOException {
        Path path = TinyModel.random(family, 60, 40, 70, 4, 2, 64, tied).write(folder);
        int[] tokens = new SplittableRandom(5).ints(length, 0, 60).toArray();
        Map<String, float[]> wanted;
        try (Backend backend = Backends.cpu(2)) {
            wanted = gradients(path, tokens, new Every(64), name -> true, backend);
        }
        try (Backend backend = Backends.simulator(ElementType.BF16)) {
            gradients(path, tokens, new Every(64), name -> true, backend).forEach((name, got) ->
                    Slopes.assertClose(name, Slopes.doubles(wanted.get(name)), got, 2e-2));
        }
    }

    /// The same graphs of kernels that run on a device, on the simulator.
    @Test
    void theTornadoBackendsGradientsAreTheSame() throws IOException {
        Path path = model("qwen3", false).write(folder);
        var wanted = gradients(path, new Every(), name -> true, 2);
        try (Backend backend = Backends.simulator()) {
            gradients(path, new Every(), name -> true, backend).forEach((name, got) ->
                    Slopes.assertClose(name, Slopes.doubles(wanted.get(name)), got, 1e-4));
        }
    }

    @Test
    void lossAndDensityAreThoseOfAPrefill() throws IOException {
        var tiny = model("llama", true);
        try (Backend backend = Backends.cpu(2); var open = LanguageModel.open(tiny.write(folder), backend);
                var session = open.learn(64, name -> true)) {
            var lesson = session.learn(TOKENS, new Every(), 1, LayerObserver.NONE);
            assertEquals(new PlainTransformer(tiny, (head, query, key) ->
                    Every.keeps(head, query / BLOCK, key / BLOCK)).loss(TOKENS), lesson.nats(), 1e-4);
            try (var reading = open.session(64)) {
                var report = reading.prefill(PrefillRequest.of(TOKENS, new Every()).scored(-1));
                assertEquals(report.scores().nats(0, TOKENS.length - 1) / (TOKENS.length - 1), lesson.nats(), 1e-6);
                assertEquals(report.density(), lesson.density(), 1e-12);
            }
        }
    }

    @Test
    void threadsChangeNothingAndGradientsAddUp() throws IOException {
        Path path = model("llama", true).write(folder);
        var one = gradients(path, new Every(), name -> true, 1);
        var three = gradients(path, new Every(), name -> true, 3);
        one.forEach((name, values) -> assertArrayEquals(values, three.get(name), name));
        try (Backend backend = Backends.cpu(2); var open = LanguageModel.open(path, backend);
                var session = open.learn(64, name -> true)) {
            session.learn(TOKENS, new Every(), 0.25, LayerObserver.NONE);
            session.learn(TOKENS, new Every(), 0.75, LayerObserver.NONE);
            var sum = zeros(session);
            session.takeGradients(sum);
            sum.forEach((name, values) -> Slopes.assertClose(name, Slopes.doubles(one.get(name)), values, 1e-5));
            session.takeGradients(sum);
            sum.forEach((name, values) -> assertArrayEquals(new float[values.length], values, name));
        }
    }

    @Test
    void aPartOfTheWeightsHasTheSameGradients() throws IOException {
        Path path = model("qwen2", true).write(folder);
        var all = gradients(path, new Every(), name -> true, 2);
        var part = gradients(path, new Every(), name -> name.contains("k_proj") || name.contains("up_proj"), 2);
        assertEquals(2 * 3, part.size());
        part.forEach((name, values) -> assertArrayEquals(all.get(name), values, name));
    }

    @Test
    void loadedWeightsAreThoseThatAreRead() throws IOException {
        var tiny = model("llama", true);
        Path path = tiny.write(folder);
        String name = "model.layers.1.self_attn.k_proj.weight";
        try (Backend backend = Backends.cpu(2); var open = LanguageModel.open(path, backend);
                var session = open.learn(64, name::equals)) {
            float[] values = open.weights(name);
            for (int i = 0; i < values.length; i++) {
                values[i] *= -1;
                tiny.weights().get(name)[i] *= -1;
            }
            session.load(Map.of(name, values));
            assertEquals(new PlainTransformer(tiny).loss(TOKENS),
                    session.learn(TOKENS, BlockSelector.dense(), 1, LayerObserver.NONE).nats(), 1e-4);
        }
    }

    /// What a step changed on the device, all at once and turned beside, and the same numbers from outside.
    @Test
    void weightsThatLearnedOnTensorCoresAreThoseThatAreRead() throws IOException {
        Path path = TinyModel.random("qwen2", 60, 40, 70, 4, 2, 64, true).write(folder);
        int[] tokens = new SplittableRandom(5).ints(70, 0, 60).toArray();
        try (Backend backend = Backends.simulator(ElementType.BF16);
                var open = LanguageModel.open(path, backend)) {
            Map<String, float[]> learned = new LinkedHashMap<>();
            Map<String, float[]> wanted = new LinkedHashMap<>();
            try (var session = open.learn(tokens.length, name -> true)) {
                session.learn(tokens, new Every(64), 1, LayerObserver.NONE);
                var weights = session.weights();
                weights.change(WeightChange.of(1, 0.1, 0, 0));
                learned.putAll(zeros(session));
                var rest = zeros(session);
                weights.copyTo(name -> new float[][] {learned.get(name), rest.get(name), rest.get(name)});
                session.learn(tokens, new Every(64), 1, LayerObserver.NONE);
                wanted.putAll(zeros(session));
                session.takeGradients(wanted);
            }
            try (var session = open.learn(tokens.length, name -> true)) {
                session.load(learned);
                session.learn(tokens, new Every(64), 1, LayerObserver.NONE);
                var got = zeros(session);
                session.takeGradients(got);
                wanted.forEach((name, values) -> assertArrayEquals(values, got.get(name), name));
            }
        }
    }

    @Test
    void whatCannotBeLearnedIsSaid() throws IOException {
        Path path = model("llama", true).write(folder);
        try (Backend backend = Backends.cpu(1); var open = LanguageModel.open(path, backend);
                var session = open.learn(8, name -> true)) {
            var e = assertThrows(IllegalArgumentException.class,
                    () -> session.learn(TOKENS, BlockSelector.dense(), 1, LayerObserver.NONE));
            assertEquals("the text has 21 tokens, wanted 2 to 8", e.getMessage());
        }
    }

    /// Twice the tokens, twice the memory.
    @Test
    void memoryIsLinearInTheLength() throws IOException {
        Path path = model("llama", true).write(folder);
        try (Backend backend = Backends.cpu(1); var open = LanguageModel.open(path, backend)) {
            long once = LearningSession.bytes(backend, open.config(), 1000);
            assertTrue(once > 0);
            assertEquals(2 * once, LearningSession.bytes(backend, open.config(), 2000));
        }
    }
}
