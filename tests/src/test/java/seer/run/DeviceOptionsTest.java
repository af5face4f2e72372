package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What `--devices` refuses, in every command that has it, before anything is opened.
class DeviceOptionsTest {
    private record Run(int code, String err) { }

    private static Run seer(String command, String... more) {
        var words = new ArrayList<>(List.of(command.split(" ")));
        words.addAll(List.of(more));
        var err = new StringWriter();
        int code = Main.run(words.toArray(String[]::new), new PrintWriter(new StringWriter()),
                new PrintWriter(err, true));
        return new Run(code, err.toString());
    }

    private static void refused(String sentence, String command, String... more) {
        var run = seer(command, more);
        assertEquals(2, run.code(), run.err());
        assertTrue(run.err().startsWith("seer: " + sentence), run.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"eval perplexity", "eval retrieval", "eval recall", "eval longbench --data demo-model "
            + "--datasets hotpotqa", "eval table --out tests/none", "train-gate --out target/none --text pom.xml",
        "calibrate --per worth --density 0.1 --text pom.xml"})
    void backendsOfOneDevice(String command) {
        for (String backend : List.of("cpu", "simulator")) {
            refused("--devices with --backend " + backend + ", which has no second device", command, "--backend",
                    backend, "--devices", "0,1");
        }
    }

    @ParameterizedTest
    @CsvSource({"'0,0', 'has device 0:0 twice'", "'1,0:1', 'has device 0:1 twice'", "'0,x', 'has \"x\", wanted'",
        "'-1', 'has \"-1\", wanted'", "'0:1:2', 'has \"0:1:2\", wanted'"})
    void namesThatAreNone(String ids, String sentence) {
        refused("--devices " + sentence, "eval perplexity", "--backend", "tornado", "--devices=" + ids);
    }

    @ParameterizedTest
    @ValueSource(strings = {"eval table --out tests/none", "train-gate --out target/none --text pom.xml"})
    void sharingTwice(String command) {
        refused("--spark and --devices both share the work", command, "--devices", "0,1", "--spark", "local[2]");
    }

    /// Several processes on one device are allowed where heads are weighed, and nothing else is.
    @Test
    void calibrationSharesTheWeighingOfHeads() {
        String calibrate = "calibrate --backend tornado --density 0.1 --text pom.xml ";
        refused("--devices shares the weighing of heads", calibrate + "--devices 0,0");
        refused("--devices has \"x\", wanted", calibrate + "--per worth --devices 0,0,x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--export", "--measure 2"})
    void trainingsThatShareNothing(String option) {
        refused("--devices shares a training", "train-gate --out tests/none --text pom.xml --devices 0,1 " + option);
    }
}
