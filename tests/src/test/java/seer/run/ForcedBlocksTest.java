package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.SelectorSpec;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.attention.ForcedBlocks;
import seer.support.CommandRun;
import seer.support.Demo;

/// What is kept whatever the scores say is the same in every command: the last two rows of blocks, and the first block.
class ForcedBlocksTest {
    private static final String STORY = Demo.MODEL.resolve("thursday.txt").toString();
    private static final int LENGTH = 1000; // 16 blocks

    private static String seer(List<String> arguments) {
        var run = CommandRun.of(arguments);
        assertEquals(0, run.code(), run.err());
        return run.out();
    }

    private static double density(String line, String... more) throws IOException {
        var arguments = new ArrayList<>(List.of(line.formatted(STORY, LENGTH).split(" ")));
        arguments.addAll(List.of(more));
        return new ObjectMapper().readTree(seer(arguments)).get("rows").get(0).get("density").asDouble();
    }

    @Test
    void everyCommandForcesTheSameBlocksUnlessToldOtherwise() throws IOException {
        List<String> commands = List.of(
                "prefill --text %s --tokens %d --new-tokens 0 --no-warm-up --json --select gate:density=0.1",
                "perplexity --text %s --window %d --windows 1 --json --select gate:density=0.1",
                "eval perplexity --text %s --lengths %d --windows 1 --format json --select gate:density=0.1");
        for (String[] options : List.of(new String[0], new String[] {"--no-keep-first", "--dense-last-rows", "0"})) {
            double first = density(commands.getFirst(), options);
            for (String command : commands) {
                assertEquals(first, density(command, options), 1e-12, command + " " + List.of(options));
            }
        }
        double both = density(commands.getFirst());
        assertEquals(both, density(commands.getFirst(), "--keep-first", "--dense-last-rows", "2"), 1e-12);
        assertTrue(both > density(commands.getFirst(), "--no-keep-first"));
        assertTrue(both > density(commands.getFirst(), "--dense-last-rows", "0"));
    }

    @Test
    void theInterfaceOfJavaForcesWhatTheCommandLineForces() throws IOException {
        int[] prompt = Arrays.copyOf(Demo.model().tokenizer().encode(
                Files.readString(Path.of(STORY))), LENGTH);
        try (var session = Demo.model().session(LENGTH)) {
            double density = session.prefill(PrefillRequest.of(prompt, Demo.gate().density(0.1))).density();
            assertEquals(density("prefill --text %s --tokens %d --new-tokens 0 --no-warm-up --json --select "
                    + "gate:density=0.1"), density, 1e-12);
        }
    }

    /// Every selector that leaves blocks out keeps the first one by default, and counts it.
    @ParameterizedTest
    @ValueSource(strings = {"gate:density=0.1", "gate:threshold=0.05", "gate:budget=0.3", "ashape:density=0.1",
        "verticalslash:density=0.1", "meanpool:density=0.1", "minmax:density=0.1", "antidiagonal:density=0.1",
        "antidiagonal:mass=0.3", "flex:density=0.1", "flex:mass=0.3", "random:density=0.1", "oracle:density=0.1",
        "oracle:threshold=0.1"})
    void everySparseSelectorKeepsTheFirstBlock(String written) {
        int[] prompt = new int[LENGTH];
        Arrays.setAll(prompt, i -> i % 4000 + 1);
        BlockSelector selector = SelectorSpec.parse(written).selector(Demo::gate, ForcedBlocks.DEFAULT);
        long[] kept = new long[2];
        try (var session = Demo.model().session(LENGTH)) {
            var report = session.prefill(PrefillRequest.of(prompt, selector).observedBy((view, mask, out, sums) -> {
                for (int head = 0; head < mask.heads(); head++) {
                    for (int row = 0; row < mask.rows(); row++) {
                        assertTrue(mask.keeps(head, row, 0), written + ", row " + row);
                    }
                }
                kept[0] += mask.kept();
                kept[1] += mask.causal();
            }));
            assertEquals((double) kept[0] / kept[1], report.density(), 1e-12);
            assertTrue(report.density() < 1, written + " leaves blocks out");
        }
    }

    /// The shipped adapter's thresholds were found without the first block, with the means of what is left out.
    @Test
    void aGateKeepsTheFirstBlockOnlyWhereItsThresholdsWereFoundSo() {
        var thresholds = Demo.gate().config().thresholds();
        int[] prompt = new int[LENGTH];
        Arrays.setAll(prompt, i -> i % 4000 + 1);
        BlockSelector selector = SelectorSpec.parse("gate").selector(Demo::gate, ForcedBlocks.DEFAULT);
        long[] counts = new long[3];
        try (var session = Demo.model().session(LENGTH)) {
            var report = session.prefill(PrefillRequest.of(prompt, selector).observedBy((view, mask, out, sums) -> {
                for (int head = 0; head < mask.heads(); head++) {
                    for (int row = 0; row < mask.rows(); row++) {
                        counts[2] += mask.keeps(head, row, 0) ? 0 : 1;
                    }
                }
                counts[0] += mask.kept();
                counts[1] += mask.causal();
            }));
            assertEquals(thresholds.keepFirst(), counts[2] == 0);
            assertEquals((double) counts[0] / counts[1] + selector.correction(), report.density(), 1e-12);
            assertTrue(selector.correction() > 0, "the means count");
        }
    }
}
