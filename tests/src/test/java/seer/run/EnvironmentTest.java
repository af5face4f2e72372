package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.ScriptedProject.assertFails;
import static seer.support.ScriptedProject.assertHas;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.support.ScriptedProject;

/// What surrounds a start: locale, variables, descriptors, links. A script in the place of `java` says what reached it.
class EnvironmentTest {
    private static final String ECHO = """
            echo "locale $(locale charmap 2>/dev/null), LC_ALL ${LC_ALL:-unset}, sdk ${TORNADOVM_HOME:-unset}"
            for word do printf '<%s>\\n' "$word"; done
            """;
    private static final String NOISE = "WARNING: Using incubator modules: jdk.incubator.vector";

    @TempDir
    private Path given;

    private ScriptedProject scripts;

    @BeforeEach
    void buildAProject() throws IOException {
        scripts = ScriptedProject.in(given, "seer");
        scripts.jdk("jdk", "25.0.3", ECHO);
    }

    private String start(String... words) {
        var run = scripts.seer(words);
        assertEquals(0, run.code(), run.err());
        assertEquals("", run.err());
        return run.out();
    }

    @ParameterizedTest
    @CsvSource(value = {"null, C, null", "null, null, null", "C, null, C.UTF-8", "null, xx_XX.UTF-8, null",
        "POSIX, POSIX, POSIX"}, nullValues = "null")
    void withoutALocaleOfUtf8TheJvmGetsOne(String all, String type, String language) {
        scripts.environment().put("LC_ALL", all);
        scripts.environment().put("LC_CTYPE", type);
        scripts.environment().put("LANG", language);
        assertHas(start("prefill", "--question", "Où est-ce?"), "locale UTF-8, LC_ALL C", "<Où est-ce?>");
    }

    @Test
    void aLocaleOfUtf8Stays() {
        scripts.environment().put("LC_ALL", null);
        scripts.environment().put("LC_CTYPE", "C.UTF-8");
        assertHas(start("devices"), "locale UTF-8, LC_ALL unset");
    }

    @Test
    void whereNoLocaleIsOfUtf8OnlyPlainLettersPass() throws IOException {
        scripts.tool("locale", "echo ANSI_X3.4-1968\n");
        assertHas(start("prefill", "--question", "Where?"), "<Where?>");
        assertFails(scripts.seer("prefill", "--question", "Où?"), "need a locale whose letters are UTF-8");
    }

    @Test
    void theShownCommandNamesTheLocaleOnlyWhereItMatters() {
        scripts.environment().put("LC_ALL", "C");
        assertTrue(scripts.command("devices").startsWith(scripts.folder() + "/jdk/bin/java "));
        assertHas(scripts.command("prefill", "--question", "Où?"), "env LC_ALL=C", " -Dseer.home=");
    }

    @Test
    void onlyTheLineAboutIncubatingModulesIsKeptBack() throws IOException {
        scripts.jdk("jdk", "25.0.3", "printf '" + NOISE + "\\na line\\n" + NOISE + "!\\nno end' >&2; exit 7\n");
        var run = scripts.seer("devices");
        assertEquals(7, run.code());
        assertEquals(List.of("a line", NOISE + "!", "no end"), run.err().lines().toList());
    }

    @Test
    void theJvmTakesThePlaceOfTheScript() throws Exception {
        scripts.jdk("jdk", "25.0.3", "echo $$; exec sleep 60\n");
        var builder = new ProcessBuilder(scripts.project().resolve("bin/seer").toString(), "devices");
        builder.environment().put("JAVA_HOME", scripts.folder().resolve("jdk").toString());
        var process = builder.start();
        try {
            assertEquals(Long.toString(process.pid()), process.inputReader().readLine());
            process.destroy();
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertEquals(128 + 15, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void noFolderForTemporaryFilesIsNeeded() {
        scripts.environment().put("TMPDIR", scripts.folder() + "/nowhere");
        assertHas(start("devices"), "<devices>");
    }

    @Test
    void noHomeIsNeeded() throws IOException {
        scripts.environment().put("HOME", null);
        assertHas(start("devices"), "<devices>");
        var run = scripts.setup("--tornadovm", scripts.sdk("sdk", ScriptedProject.TORNADOVM).toString());
        assertEquals(0, run.code(), run.err());
        assertEquals(2, scripts.setup("nonsense").code());
    }

    /// Else the first file that the JVM opens stands in the place of standard output.
    @Test
    void closedDescriptorsAreTaken() throws IOException {
        scripts.jdk("jdk", "25.0.3", """
                for descriptor in 0 1 2; do
                    [ -e /dev/fd/$descriptor ] && echo "$descriptor open" >>"$HOME/seen"
                done
                echo lost 2>/dev/null || echo "no write" >>"$HOME/seen"
                """);
        var run = scripts.run("sh", "-c", "\"$0\" devices <&- >&- 2>&-", scripts.project() + "/bin/seer");
        assertEquals(0, run.code());
        assertEquals("0 open\n1 open\n2 open\nno write\n", Files.readString(scripts.folder().resolve("seen")));
    }

    @Test
    void optionsKeepTheirBlanksInQuotes() {
        scripts.environment().put("JAVA_OPTS", " -Da=1\t-Db='two  words' ");
        scripts.environment().put("SEER_JAVA_OPTS", "-Dc=\"it's\" '' -Dd=e\\ f -De=g\\h -Df=* \"-Dg=$HOME `x`\"");
        assertHas(start("devices"), """
                <-Da=1>
                <-Db=two  words>
                <-Dc=it's>
                <>
                <-Dd=e f>
                <-De=g\\h>
                <-Df=*>
                <-Dg=$HOME `x`>
                <-cp>
                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"JAVA_OPTS", "SEER_JAVA_OPTS"})
    void aQuoteThatIsNotClosedIsOneSentence(String variable) {
        scripts.environment().put(variable, "-Da='b c");
        assertFails(scripts.seer("devices"), "a quote in " + variable + " is not closed.");
    }

    @Test
    void linksAndCdpathLeadToTheSameProject() throws IOException {
        Files.createDirectories(scripts.folder().resolve("bin"));
        Files.createSymbolicLink(scripts.folder().resolve("bin/once"), Path.of("../seer/bin/seer"));
        Files.createSymbolicLink(scripts.folder().resolve("twice"), scripts.folder().resolve("bin/once"));
        Files.createSymbolicLink(scripts.folder().resolve("set-up"), Path.of("seer/setup.sh"));
        Files.createDirectories(scripts.folder().resolve("elsewhere/seer/bin"));
        scripts.environment().put("CDPATH", scripts.folder() + "/elsewhere");
        for (String name : List.of("twice", "./twice", "seer/bin/seer", "bin/once")) {
            var run = scripts.run("sh", "-c", name.contains("/") ? name + " devices" : "./" + name + " devices");
            assertHas(run.out(), "<-Dseer.home=" + scripts.project() + ">");
        }
        var set = scripts.run("./set-up", "--tornadovm", scripts.sdk("sdk", ScriptedProject.TORNADOVM).toString());
        assertEquals(0, set.code(), set.err());
        assertTrue(Files.exists(scripts.project().resolve(".tornadovm")));
    }

    @Test
    void aFolderThatIsGoneIsOneSentence() throws IOException {
        Files.createDirectories(scripts.folder().resolve("gone"));
        var run = scripts.run("sh", "-c", "cd gone && rmdir ../gone && exec " + scripts.project()
                + "/bin/seer devices");
        assertEquals(1, run.code(), run.err());
        assertHas(run.err(), "seer: the folder it was called in is not there any more: change to another.");
        assertEquals("", run.out());
    }

    @Test
    void relativeFoldersAreMadeAbsolute() throws IOException {
        Path sdk = scripts.sdk("sdk", ScriptedProject.TORNADOVM);
        scripts.environment().put("TORNADOVM_HOME", "sdk");
        scripts.environment().put("JAVA_HOME", "jdk");
        assertHas(start("devices"), "sdk " + sdk, "<@" + sdk + "/tornado-argfile>");
        assertHas(scripts.command("devices"), scripts.folder() + "/jdk/bin/java ");
    }

    @Test
    void aRuntimeWithoutTheVectorApiIsPassedOver() throws IOException {
        scripts.file("jdk/release", "JAVA_VERSION=\"25.0.3\"\nMODULES=\"java.base java.logging\"\n");
        scripts.environment().put("PATH", "/usr/bin:/bin");
        var run = scripts.seer("devices");
        assertTrue(!run.out().contains("<devices>"), run.out());
        scripts.file("jdk/release", "JAVA_VERSION=\"25.0.3\"\nMODULES=\"java.base jdk.incubator.vector\"\n");
        assertHas(start("devices"), "<devices>");
    }
}
