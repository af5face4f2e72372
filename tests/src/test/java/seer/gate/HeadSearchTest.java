package seer.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.gate.HeadSearch.Parabola;
import seer.gate.HeadSearch.Reading;
import seer.gate.prompt.Family;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Blocks go from heads that the model loses little in to those where it loses much.
class HeadSearchTest {
    @TempDir
    private Path folder;

    /// Of heads whose loss is `w t` and whose blocks are `c / t` at a threshold `t`, a density is cheapest where every
    /// `t` is in proportion to the root of `c / w`.
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0.02, 0.3, 0", "0, 0, 1", "0.02, 0.3, 3"})
    void aBlockMoreIsWorthTheSameInEveryHead(double fixed, double answers, int together) {
        double[] worth = {1, 4, 0.25, 2, 0.5, 1};
        double[] blocks = {1, 1, 1, 3, 0.5, 0.2};
        double density = 0.1;
        HeadSearch.Reader reader = logs -> {
            double loss = IntStream.range(0, 6).mapToDouble(h -> worth[h] * Math.exp(logs[h])).sum();
            return new Reading(logs, loss, 2 * loss, fixed + IntStream.range(0, 6)
                    .mapToDouble(h -> 1e-3 * blocks[h] * Math.exp(-logs[h])).sum());
        };
        var readings = new ArrayList<Reading>();
        var best = new HeadSearch(reader, density, fixed, answers, together).run(new double[6], 12, share -> { },
                readings::add);
        double[] wanted = IntStream.range(0, 6).mapToDouble(h -> Math.sqrt(blocks[h] / worth[h])).toArray();
        double scale = IntStream.range(0, 6).mapToDouble(h -> 1e-3 * blocks[h] / wanted[h]).sum() / (density - fixed);
        assertArrayEquals(Arrays.stream(wanted).map(t -> Math.log(t * scale)).toArray(), best.logs(), 0.05);
        assertEquals(density, best.density(), 0.002 * density);
        assertEquals(13, readings.size());
        for (int round = 1; round < readings.size(); round++) {
            assertTrue(readings.get(round).text() <= readings.get(round - 1).text(), "round " + round);
        }
        double even = Arrays.stream(worth).sum() * Arrays.stream(blocks).sum() * 1e-3 / (density - fixed);
        assertEquals(even, readings.getFirst().text(), 0.01 * even, "begins with one threshold at the density");
    }

    /// What one prompt is worth to a head, others are not, nor is its answer what its text is: only all of them tell.
    @Test
    void headsAreWeighedOnEveryPromptAndItsText() {
        double[] worth = {1, 4, 0.25, 2, 0.5, 1};
        var read = new TreeSet<Integer>();
        Lessons lessons = new Lessons() {
            @Override
            public int texts() {
                return 2;
            }

            @Override
            public int prompts() {
                return 3;
            }

            @Override
            public List<Weight> weigh(List<Piece> pieces, DoubleConsumer progress) {
                return pieces.stream().map(piece -> {
                    read.add(piece.lesson());
                    int prompt = piece.lesson() - texts();
                    double[] losses = IntStream.range(0, 6).mapToDouble(h -> worth[h] * Math.exp(piece.logs()[h]))
                            .toArray();
                    double all = Arrays.stream(losses).sum();
                    double text = all + (prompt < 0 ? losses[3] + losses[4] + losses[5] : 3 * losses[3 + prompt]);
                    return new Weight(prompt < 0 ? text : all + 1.5 * losses[prompt], text,
                            1e-3 * Arrays.stream(piece.logs()).map(log -> Math.exp(-log)).sum());
                }).toList();
            }
        };
        double[] wanted = IntStream.range(0, 6).mapToDouble(h -> 1 / Math.sqrt(worth[h] * (h < 3 ? 1.25 : 1.5)))
                .toArray();
        double scale = Arrays.stream(wanted).map(t -> 1e-3 / t).sum() / 0.1;
        var best = new HeadSearch(lessons, 0.1, 0, 0.5, 30).run(new double[6], 12, share -> { }, reading -> { });
        assertEquals(5, read.size());
        assertArrayEquals(Arrays.stream(wanted).map(t -> Math.log(t * scale)).toArray(), best.logs(), 0.08);
    }

    /// Where chance is larger than what most heads weigh, designs that differ show it: those few that matter are found.
    @Test
    void chanceIsNotFollowed() {
        int heads = 100;
        double[] worth = IntStream.range(0, heads).mapToDouble(h -> h % 20 == 0 ? 20 : 1).toArray();
        var chance = new SplittableRandom(5);
        HeadSearch.Reader reader = new HeadSearch.Reader() {
            @Override
            public Reading read(double[] logs) {
                return new Reading(logs, IntStream.range(0, heads).mapToDouble(h -> worth[h] * Math.exp(logs[h])).sum(),
                        0, Arrays.stream(logs).map(log -> 1e-3 * Math.exp(-log)).sum());
            }

            @Override
            public List<Reading> read(List<HeadSearch.Trial> trials, DoubleConsumer progress) {
                return trials.stream().map(trial -> read(trial.logs())).map(reading -> new Reading(reading.logs(),
                        reading.text() + 40 * chance.nextGaussian(), 0, reading.density())).toList();
            }
        };
        double best = Math.pow(Arrays.stream(worth).map(Math::sqrt).sum(), 2) / heads;
        double even = Arrays.stream(worth).sum();
        var found = new HeadSearch(reader, 1e-3 * heads, 0, 0, 2).run(new double[heads], 4, share -> { }, each -> { });
        double won = (even - found.text()) / (even - best);
        assertTrue(won > 0.8, "of what is to be won: " + won);
    }

    /// Density counts on texts alone, and of a search's readings most would be of prompts.
    @Test
    void thresholdsAreBroughtToADensityWithoutReadingPrompts() {
        var read = new ArrayList<Integer>();
        Lessons lessons = new Lessons() {
            @Override
            public int texts() {
                return 2;
            }

            @Override
            public int prompts() {
                return 50;
            }

            @Override
            public List<Weight> weigh(List<Piece> pieces, DoubleConsumer progress) {
                return pieces.stream().map(piece -> {
                    read.add(piece.lesson());
                    return new Weight(1, 1, (piece.lesson() == 0 ? 0.9e-3 : 1.1e-3) * Math.exp(-0.7 * piece.logs()[0]));
                }).toList();
            }
        };
        var found = new HeadSearch(lessons, 0.1, 0, 0.5, 1).run(new double[1], 0, share -> { }, reading -> { });
        assertEquals(0.1, found.density(), 0.002 * 0.1);
        assertEquals(50, read.stream().filter(lesson -> lesson >= 2).count(), "each prompt once, at the end");
        assertTrue(read.size() > 60, "several readings of both texts: " + read.size());
    }

    /// Far away all is lost, either way alike: what was weighed holds nevertheless.
    @Test
    void aMoveThatIsTooLongIsHalved() {
        double[] worth = {1, 4, 0.25, 2, 0.5, 1};
        HeadSearch.Reader reader = logs -> new Reading(logs,
                IntStream.range(0, 6).mapToDouble(h -> worth[h] * Math.exp(logs[h])).sum()
                        + (Arrays.stream(logs).anyMatch(log -> Math.abs(log) > 0.3) ? 1000 : 0),
                0, Arrays.stream(logs).map(log -> 1e-3 * Math.exp(-log)).sum());
        var readings = new ArrayList<Reading>();
        new HeadSearch(reader, 0.006, 0, 0, 1).run(new double[6], 1, share -> { }, readings::add);
        assertEquals(8.75, readings.getFirst().text(), 1e-9);
        assertTrue(readings.getLast().text() < 8.3, "round counts: " + readings.getLast().text());
    }

    @Test
    void aParabolaGoesThroughItsPoints() {
        var parabola = new Parabola(3, -1);
        assertEquals(3, parabola.at(-1));
        assertEquals(0, parabola.at(0));
        assertEquals(-1, parabola.at(1));
        assertEquals(1, parabola.least(), "its lowest point lies at 1");
        assertEquals(0.25, new Parabola(3, 1).least(), 1e-12);
        assertEquals(-1, new Parabola(-2, 1).least(), "bent the other way");
        assertEquals(1, new Parabola(0, -1).least());
        assertEquals(new Parabola(5, 1), parabola.plus(2, new Parabola(1, 1)));
    }

    /// Nothing of a model's own is known here but that a search never ends worse than it began.
    @ParameterizedTest
    @CsvSource({"LIKELIHOOD, 0", "DENSE, 0", "DENSE, 2"})
    void aModelLosesNoMoreThanByOneThreshold(HeadLessons.Aim aim, int together) throws IOException {
        Path model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend);
                var session = open.session(500, 500)) {
            var gate = AttnGate.open(new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax")
                    .write(folder.resolve("g"), open), open);
            var tokens = new SplittableRandom(3).ints(1000, 1, 4096).toArray();
            var windows = List.of(Arrays.copyOf(tokens, 500), Arrays.copyOfRange(tokens, 500, 1000));
            var prompt = new RetrievalPrompt(Family.SINGLE, Arrays.copyOfRange(tokens, 100, 600), 480, List.of("x"),
                    List.of(new int[] {480, 490}));
            var goal = new ThresholdSearch.Goal(0.3, true, CorrectionSpec.parse("+rest"));
            var lessons = new HeadLessons(gate, session, windows, List.of(prompt), goal, aim);
            var readings = new ArrayList<Reading>();
            var first = new double[8];
            Arrays.fill(first, Math.log(0.05));
            var best = new HeadSearch(lessons, 0.3, goal.fixed(16), 0.5, together).run(first, 2, share -> { },
                    readings::add);
            assertEquals(0.3, best.density(), 0.01);
            assertEquals(1, Arrays.stream(readings.getFirst().logs()).distinct().count());
            assertTrue(best.text() + best.answers() <= readings.getFirst().text() + readings.getFirst().answers());
            assertTrue(Arrays.stream(best.logs()).distinct().count() > 1, "heads differ");
            assertEquals("+rest", goal.ofHeads(best.logs()).correction().text());
            var again = lessons.read(best.logs());
            assertEquals(best.text(), again.text(), 1e-9);
            var all = new double[8];
            Arrays.fill(all, -100);
            assertEquals(aim == HeadLessons.Aim.DENSE ? 0 : nats(session, windows), lessons.read(all).text(), 1e-3,
                    "with every block there is nothing to be off by");
        }
    }

    private static double nats(Session session, List<int[]> windows) {
        return windows.stream().mapToDouble(window -> session.prefill(PrefillRequest.of(window, BlockSelector.dense())
                .scored(-1)).scores().nats(0, window.length - 1) / (window.length - 1)).average().orElseThrow();
    }
}
