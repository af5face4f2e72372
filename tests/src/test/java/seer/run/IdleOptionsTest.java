package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.support.CommandRun;
import seer.support.Demo;

/// Options that would change nothing beside the others are refused, before anything is read.
class IdleOptionsTest {
    private static final String STORY = Demo.MODEL.resolve("thursday.txt").toString();

    private static void assertRefused(String line, String sentence) {
        var arguments = new ArrayList<>(List.of(line.split(" ")));
        arguments.addAll(List.of("--text", STORY));
        var run = CommandRun.of(arguments);
        assertEquals(2, run.code(), run.err() + run.out());
        assertTrue(run.err().contains("seer: " + sentence), run.err());
        assertEquals("", run.out());
    }

    @ParameterizedTest
    @CsvSource({"--rounds 1", "--prompts 3", "--families single", "--aim dense", "--answers 0.3", "--seed 3"})
    void onlyHeadsThatAreWeighedHaveWorth(String option) {
        for (String scope : List.of("", " --per head")) {
            assertRefused("calibrate --density 0.2 " + option + scope,
                    option.replaceFirst(" .*", "") + " without --per worth, which alone weighs heads");
        }
    }

    @ParameterizedTest
    @CsvSource({"--families single", "--answers 0.3", "--seed 3"})
    void withoutPromptsThereAreNoAnswers(String option) {
        assertRefused("calibrate --density 0.2 --per worth --prompts 0 " + option,
                option.replaceFirst(" .*", "") + " with --prompts 0, which has no answers");
    }

    @ParameterizedTest
    @CsvSource({"prefill,--top-p 0.9", "prefill,--seed 3", "generate,--top-p 0.9", "generate --temperature 0,--seed 3"})
    void theLikeliestTokenIsNotDrawn(String command, String option) {
        assertRefused(command + " " + option, option.replaceFirst(" .*", "")
                + " with --temperature 0, which takes the likeliest token");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "finetune --out x --gate-lr 0.1 | --gate-lr without --gate-weight, which trains gates",
        "finetune --out x --families single | --families with --retrieval 0, which has no such prompts",
        "train-gate --out x --retrieval 0 --families single | --families with --retrieval 0, which has no such prompts",
        "finetune --measure 1 --plot | --plot with --measure, which trains nothing",
        "finetune --measure 1 --bf16 | --bf16 with --measure, which trains nothing",
        "train-gate --measure 1 --plot | --plot with --measure, which trains nothing",
        "train-gate --measure 1 --resume | --resume with --measure, which trains nothing",
        "train-gate --measure 1 --from x | --from with --measure, which trains nothing",
        "train-gate --measure 1 --checkpoint-every 3 | --checkpoint-every with --measure, which trains nothing",
        "eval table --out x --prompts 0 --families single | --families with --prompts 0, which makes none",
        "eval table --out x --prompts 0 --keys 3 | --keys with --prompts 0, which makes none",
        "eval table --out x --methods gate,minmax --calibrate-on y | --calibrate-on with --methods of which none is"})
    void whatTrainsAndMeasuresRefusesThemToo(String line, String sentence) {
        assertRefused(line, sentence);
    }
}
