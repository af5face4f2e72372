package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.ScriptedProject.assertFails;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.support.ScriptedProject;

/// What bin/seer would start where Spark is asked for: the scripts in a folder that looks built.
class SparkStartTest {
    @TempDir
    private Path given;

    private ScriptedProject scripts;

    @BeforeEach
    void buildAProject() throws IOException {
        scripts = ScriptedProject.in(given, "seer");
        scripts.environment().put("SPARK_HOME", null);
    }

    private void spark(String folder, String version) throws IOException {
        scripts.file(folder + "/jars/spark-mllib_2.13-" + version + ".jar", "");
    }

    @Test
    void withoutSparkItIsOneSentenceAndNothingElseNeedsIt() throws IOException {
        assertFails(scripts.seer("spark-prefill", "--master", "local"),
                "seer: no Spark is set up, neither by SPARK_HOME nor by ./setup.sh --spark.");
        assertFails(scripts.seer("eval", "table", "--spark=local"), "seer: no Spark is set up");
        spark("seer/.spark", "4.2.0");
        assertFails(scripts.seer("train-gate", "--spark", "local"), "seer: the part for Spark is not built yet, please "
                + "run " + scripts.project() + "/setup.sh --spark first.");
        assertTrue(!scripts.command("prefill", "--text", "x").contains("spark"));
        assertEquals(0, scripts.seer("prefill", "--show-command", "--text", "spark").code());
    }

    @Test
    void sparksOwnJarsGoFirst() throws IOException {
        spark("seer/.spark", "4.2.0");
        spark("elsewhere", "4.2.1");
        scripts.file("seer/runner/spark/target/seer-spark.jar", "");
        String project = scripts.project().toString();
        String own = project + "/runner/target/seer.jar:" + project + "/runner/target/lib/*:" + project
                + "/runner/spark/target/seer-spark.jar";
        assertTrue(scripts.words("spark-prefill").contains(project + "/.spark/jars/*:" + own));
        scripts.environment().put("SPARK_HOME", scripts.folder() + "/elsewhere");
        assertTrue(scripts.words("spark-prefill").contains(scripts.folder() + "/elsewhere/jars/*:" + own));
    }

    @Test
    void anotherVersionIsNamed() throws IOException {
        spark("old", "3.5.1");
        scripts.environment().put("SPARK_HOME", scripts.folder() + "/old");
        String sentence = "there is no Spark 4.2 in " + scripts.folder() + "/old: no spark-mllib_2.13-4.2*.jar in its "
                + "folder jars.";
        assertFails(scripts.seer("spark-prefill"), "seer: " + sentence);
        assertFails(scripts.setup("--spark"), "setup.sh: " + sentence);
    }

    /// Spark's own launchers give them; the Vector API is added for Seer anyway, and a package that the JDK 25 has not
    /// got would be warned of.
    @Test
    void theJvmHasTheOptionsOfSparksLaunchers() throws IOException {
        spark("seer/.spark", "4.2.0");
        scripts.file("seer/runner/spark/target/seer-spark.jar", "");
        var words = scripts.words("spark-prefill");
        var wanted = Arrays.stream(JavaModuleOptions.defaultModuleOptions().split(" "))
                .filter(option -> !option.contains("sun.security.action") && !option.startsWith("--add-modules")
                        && !option.equals("-XX:+IgnoreUnrecognizedVMOptions")).toList();
        assertTrue(wanted.size() > 15, wanted.toString());
        assertEquals(List.of(), wanted.stream().filter(option -> !words.contains(option)).toList());
        assertTrue(words.contains("--add-modules") && words.contains("jdk.incubator.vector"));
    }

    /// What Spark makes and lets go of would fill eight megabytes some hundred times before the first document. A heap
    /// that begins with less than that would be warned of.
    @Test
    void theJvmHasMoreRoomForWhatPassesBy() throws IOException {
        spark("seer/.spark", "4.2.0");
        scripts.file("seer/runner/spark/target/seer-spark.jar", "");
        var words = scripts.words("spark-prefill");
        assertTrue(words.containsAll(List.of("-Xms256m", "-Xmn64m")), words.toString());
        assertTrue(words.stream().filter(word -> word.startsWith("-Xm")).count() == 2, words.toString());
        assertTrue(words.contains("-XX:MetaspaceSize=192m"), words.toString());
        assertTrue(scripts.words("prefill").contains("-Xmn8m"));
    }

    @ParameterizedTest
    @CsvSource({"local, , 1", "local[3], , 3", "'local[3,2]', , 3", "local[*], , 8", "spark://h:1, , 8",
        "spark://h:1, 5, 5", "k8s://h, 2, 2"})
    void anExecutorsModelHasAllOfItsCores(String master, String cores, int wanted) {
        var conf = new SparkConf(false).setMaster(master);
        if (cores != null) {
            conf.set("spark.executor.cores", cores);
        }
        assertEquals(wanted, Slots.cores(conf, 8));
    }
}
