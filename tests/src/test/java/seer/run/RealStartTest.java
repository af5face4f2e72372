package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.ScriptedProject.assertFails;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.backend.BackendUnavailableException;
import seer.support.Demo;
import seer.support.ScriptedProject;

/// Starts of a JVM of its own: through bin/seer, in a project whose seer.jar names the classes of this run, and without
/// it.
class RealStartTest {
    private static final String JAVA = System.getProperty("java.home") + "/bin/java";
    private static final String CLASSES = System.getProperty("java.class.path");
    private static final String MODULE_MISSING = "backend cpu: this JVM runs without the module jdk.incubator.vector; "
            + "start it with --add-modules jdk.incubator.vector";

    @TempDir
    private Path given;

    private ScriptedProject scripts;

    @BeforeEach
    void buildAProject() throws IOException {
        scripts = ScriptedProject.in(given, "R&D, Élan's");
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, Arrays.stream(CLASSES.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toString()).collect(Collectors.joining(" ")));
        Path jar = scripts.project().resolve("runner/target/seer.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        Files.delete(scripts.project().resolve("runner/target/lib/model.jar"));
    }

    /// The command as a script of bytes, as this JVM may not be able to name the file.
    @Test
    void withoutALocaleWordsAndFilesAreUtf8() throws IOException {
        scripts.script("start", """
                printf 'Gray' >"$(printf 't\\303\\253xt.txt')"
                exec env -i PATH="$PATH" JAVA_HOME="$JAVA_HOME" "$1/bin/seer" prefill --backend cpu --no-warm-up \\
                    --json --select dense --new-tokens 0 --model "$2" --text "$(printf 't\\303\\253xt.txt')" \\
                    --question "$(printf '\\303\\234ber \\344\\270\\255\\346\\226\\207?')"
                """);
        var run = scripts.run("./start", scripts.project().toString(), Demo.MODEL.toAbsolutePath().toString());
        assertEquals(0, run.code(), run.err());
        assertEquals("", run.err(), "neither a warning nor a notice");
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(Demo.MODEL, backend)) {
            int wanted = model.tokenizer().encode("Gray").length + model.tokenizer().encode("Über 中文?").length;
            assertEquals(wanted, new ObjectMapper().readTree(run.out()).get("prompt_tokens").asInt());
        }
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() throws IOException {
        scripts.script("start", "exec \"$1/bin/seer\" prefill --text none --question \"$(printf 'caf\\351')\"\n");
        var run = scripts.run("./start", scripts.project().toString());
        assertEquals(2, run.code());
        assertEquals("seer: word 5 of the command line was read as \"caf\uFFFD\": wanted UTF-8, got other bytes",
                run.err());
    }

    @Test
    void whatGoesToStandardErrorArrivesInOrder() {
        var run = scripts.run("sh", "-c", "\"$0\" prefill --backend cpu --text none; echo \"code $?\" >&2",
                scripts.project() + "/bin/seer");
        assertTrue(run.err().matches("seer: .*none.*\ncode 1"), run.err());
    }

    @Test
    void theCommandLineWithoutTheVectorApiIsOneSentence() {
        assertFails(scripts.run(JAVA, "-cp", CLASSES, "seer.run.Main", "prefill", "--backend", "cpu", "--model",
                Demo.MODEL.toAbsolutePath().toString(), "--text", Demo.MODEL.toAbsolutePath() + "/thursday.txt"),
                "seer: " + MODULE_MISSING);
    }

    @Test
    void theJavaApiWithoutTheVectorApiIsOneSentence() {
        var run = scripts.run(JAVA, "-cp", CLASSES, Opening.class.getName(), Demo.MODEL.toAbsolutePath().toString());
        assertEquals(MODULE_MISSING, run.out(), run.err());
    }

    /// A program of one's own.
    static final class Opening {
        private Opening() { }

        public static void main(String[] words) {
            try (var backend = Backends.cpu(); var model = LanguageModel.open(Path.of(words[0]), backend)) {
                System.out.println("opened " + model.parameters());
            } catch (BackendUnavailableException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
