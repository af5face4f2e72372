package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static seer.support.ScriptedProject.assertHas;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.support.ScriptedProject;

/// `setup.sh` and Maven: a script in the place of `mvn` notes what it was asked, and leaves the reports of a run.
class DeviceRunTest {
    @TempDir
    private Path given;

    private ScriptedProject scripts;

    @BeforeEach
    void buildAProject() throws IOException {
        scripts = ScriptedProject.in(given, "seer");
        scripts.jdk("jdk", "25.0.3", "exit 1\n");
        scripts.environment().put("TORNADOVM_HOME", scripts.sdk("sdk", ScriptedProject.TORNADOVM).toString());
        scripts.tool("mvn", """
                if [ "$1" = -v ]; then
                    echo 'Apache Maven 3.9.9'
                    exit
                fi
                echo "$MAVEN_OPTS $*" >"$HOME/asked"
                mkdir -p tests/target/surefire-reports
                [ ! -d "$HOME/reports" ] || cp "$HOME/reports"/* tests/target/surefire-reports
                """);
    }

    private void report(String test, int tests, int skipped) throws IOException {
        scripts.file("reports/TEST-seer." + test + ".xml", "<?xml version=\"1.0\"?>\n<testsuite name=\"" + test
                + "\" time=\"1.0\" tests=\"" + tests + "\" errors=\"0\" skipped=\"" + skipped + "\" failures=\"0\">\n"
                + "<testcase name=\"a\" tests=\"7\"/>\n</testsuite>\n");
    }

    @Test
    void testsThatRanAreCounted() throws IOException {
        report("OneTest", 3, 1);
        report("OtherTest", 4, 4);
        var run = scripts.setup("test", "--tornadovm", "-Dtest=O*Test");
        assertEquals(0, run.code(), run.err());
        assertHas(run.err(), "2 tests ran on the device.");
        assertHas(Files.readString(scripts.folder().resolve("asked")), "-Dtornado.home=" + scripts.folder() + "/sdk",
                " verify -Dtest=O*Test");
    }

    @Test
    void aRunOfSkippedTestsAloneFails() throws IOException {
        report("OneTest", 3, 3);
        report("ApiParityTest", 1, 0); // needs no device
        var run = scripts.setup("test", "--tornadovm");
        assertEquals(1, run.code());
        assertHas(run.err(), "setup.sh: no test ran on the device.");
    }

    @Test
    void reportsOfAnEarlierRunDoNotCount() throws IOException {
        Path old = scripts.file("seer/tests/target/surefire-reports/TEST-seer.OldTest.xml",
                "<testsuite name=\"OldTest\" tests=\"5\" errors=\"0\" skipped=\"0\">");
        Files.setLastModifiedTime(old, FileTime.fromMillis(0));
        assertEquals(1, scripts.setup("test", "--tornadovm", "-DskipTests").code());
    }

    @Test
    void mavenIsKeptFromColoursThatNobodySees() throws IOException {
        var run = scripts.setup("test");
        assertHas(Files.readString(scripts.folder().resolve("asked")), "-Djansi.noreset=true", "-Dstyle.color=never");
        assertEquals(-1, run.err().indexOf('\u001B'), run.err());
    }
}
