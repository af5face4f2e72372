package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.ScriptedProject.assertFails;
import static seer.support.ScriptedProject.assertHas;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.support.ScriptedProject;

/// Folders of any name: of the project, of the SDK. Argument files are read by the JVM itself.
class PathsTest {
    private static final String JAVA = System.getProperty("java.home") + "/bin/java";

    @TempDir
    private Path given;

    /// The value of `java.library.path` after a start with an argument file, its modules left out.
    private static String libraryPath(ScriptedProject scripts, String argfile) {
        var run = scripts.run(JAVA, argfile, "--module-path", "none", "-XshowSettings:properties", "-version");
        assertEquals(0, run.code(), run.err());
        return run.err().lines().filter(line -> line.strip().startsWith("java.library.path = ")).findFirst()
                .orElseThrow().strip().substring("java.library.path = ".length());
    }

    private static String argfile(List<String> command) {
        return command.stream().filter(word -> word.startsWith("@")).findFirst().orElseThrow();
    }

    private static String after(List<String> command, String option) {
        return command.get(command.indexOf(option) + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"R&D tools", "it's", "a\"b", "back\\nslash", "# hash", "a*b", "$HOME `x`", "a;b|c", "-dash",
        "plain", "two\ttabs", "50%s"})
    void anSdkMayHaveAnyName(String name) throws IOException {
        var scripts = ScriptedProject.in(given, "seer");
        Path sdk = scripts.release("sdks/" + name);
        scripts.environment().put("TORNADOVM_HOME", sdk.toString());
        var command = scripts.words("devices");
        assertEquals("TORNADOVM_HOME=" + sdk, command.get(1));
        assertEquals(sdk + "/share/java/tornado", after(command, "--module-path"));
        assertEquals(sdk + "/lib", libraryPath(scripts, argfile(command)));
        assertFalse(Files.readString(Path.of(argfile(command).substring(1))).contains("TORNADOVM_HOME"));
    }

    /// Colons part the entries of a path, and nothing quotes them.
    @Test
    void anSdkWithAColonIsReachedThroughALink() throws IOException {
        var scripts = ScriptedProject.in(given, "seer");
        Path sdk = scripts.release("a:b/the sdk");
        scripts.environment().put("TORNADOVM_HOME", sdk.toString());
        var command = scripts.words("devices");
        Path link = Path.of(after(command, "--module-path")).resolve("../../..").normalize();
        assertFalse(link.toString().contains(":"), link.toString());
        assertTrue(Files.isSameFile(link, sdk));
        assertEquals(link + "/lib", libraryPath(scripts, argfile(command)));
        assertEquals(command, scripts.words("devices"), "the second start finds the link");
    }

    @ParameterizedTest
    @ValueSource(strings = {"R&D tools", "it's", "a\"b", "back\\nslash", "# hash", "a*b", "$HOME", "-dash"})
    void theProjectMayHaveAnyName(String name) throws IOException {
        var scripts = ScriptedProject.in(given, name);
        scripts.environment().put("TORNADOVM_HOME", scripts.release("sdk").toString());
        var command = scripts.words("prefill");
        assertEquals("seer.run.Main", command.get(command.size() - 2));
        assertEquals(scripts.project() + "/runner/target/seer.jar:" + scripts.project() + "/runner/target/lib/*",
                after(command, "-cp"));
        assertTrue(command.contains("-Dseer.home=" + scripts.project()), command.toString());
        assertEquals(scripts.folder().resolve("sdk") + "/lib", libraryPath(scripts, argfile(command)));
    }

    @Test
    void aProjectWithAColonStartsOnlyThroughALink() throws IOException {
        var scripts = ScriptedProject.in(given, "a:b");
        assertFails(scripts.seer("devices"), "/a:b has a colon, where Java parts the entries of a class path");
        assertFails(scripts.setup(), "/a:b has a colon");
        Path link = Files.createSymbolicLink(scripts.folder().resolve("link"), scripts.project());
        assertHas(scripts.run(link + "/bin/seer", "devices", "--show-command").out(), "-Dseer.home=" + link);
    }

    @Test
    void aProjectWithABackslashIsNotBuilt() throws IOException {
        assertFails(ScriptedProject.in(given, "back\\slash").setup(), "has a backslash, which Maven takes for a slash");
    }

    @Test
    void sdksSideBySideHaveAFileEach() throws IOException {
        var scripts = ScriptedProject.in(given, "seer");
        var starts = new ArrayList<CompletableFuture<ScriptedProject.Run>>();
        for (int i = 0; i < 12; i++) {
            Path sdk = scripts.release("sdk" + i % 3);
            starts.add(CompletableFuture.supplyAsync(() -> scripts.run("env", "TORNADOVM_HOME=" + sdk,
                    scripts.project() + "/bin/seer", "devices", "--show-command")));
        }
        for (int i = 0; i < starts.size(); i++) {
            var run = starts.get(i).join();
            assertEquals(0, run.code(), run.err());
            String file = run.out().replaceFirst(".* @(\\S+) .*", "$1");
            assertHas(Files.readString(Path.of(file)), "path=" + scripts.folder() + "/sdk" + i % 3 + "/lib\n");
        }
        try (var files = Files.list(scripts.project().resolve("runner/target"))) {
            assertEquals(4, files.filter(file -> file.toString().contains("argfile")).count(), "three, and the last");
        }
    }

    /// Its own file of options names the folder that it was unpacked in, which may be another one that is still there.
    @Test
    void theCopyOfAnSdkTakesItsOwnFolder() throws IOException {
        var scripts = ScriptedProject.in(given, "seer");
        Path first = scripts.sdk("first", ScriptedProject.TORNADOVM);
        Path copy = scripts.sdk("copy", ScriptedProject.TORNADOVM);
        Files.writeString(copy.resolve("tornado-argfile"), "-server\n-Djava.library.path=" + first + "/lib\n"
                + "--module-path .:" + first + "/share/java/tornado\n");
        scripts.environment().put("TORNADOVM_HOME", copy.toString());
        String argfile = argfile(scripts.words("devices"));
        assertNotEquals("@" + copy + "/tornado-argfile", argfile);
        assertEquals(List.of("-server", "-Djava.library.path=" + copy + "/lib", "--module-path " + copy
                + "/share/java/tornado"), Files.readAllLines(Path.of(argfile.substring(1))));
    }

    /// Written by its installer, without quotes: a JVM would take `tools/lib` for the name of a class.
    @Test
    void anSdksOwnFileIsQuotedWhereItsFolderAsksForIt() throws IOException {
        var scripts = ScriptedProject.in(given, "seer");
        Path sdk = scripts.sdk("R&D tools", ScriptedProject.TORNADOVM);
        Files.writeString(sdk.resolve("tornado-argfile"), "-Djava.library.path=" + sdk + "/lib\n--module-path .:" + sdk
                + "/share/java/tornado\n");
        scripts.environment().put("TORNADOVM_HOME", sdk.toString());
        assertEquals(sdk + "/lib", libraryPath(scripts, argfile(scripts.words("devices"))));
    }

    /// `mvn -Dtornado.home=FOLDER verify` goes this way: a release holds no file of options, only the template.
    @Test
    void mavenGetsTheOptionsOfARelease() throws IOException {
        var scripts = ScriptedProject.in(given, "seer");
        Path sdk = scripts.release("the SDK");
        String copy = ". \"$0/java-home.sh\"; . \"$0/tornadovm.sh\"; seer_tornado_copy \"$1\" options";
        var run = scripts.run("sh", "-c", copy, scripts.project() + "/bin", sdk.toString());
        assertEquals(0, run.code(), run.err());
        assertEquals(sdk + "/lib", libraryPath(scripts, "@" + scripts.folder() + "/options"));
        assertFails(scripts.run("sh", "-c", copy, scripts.project() + "/bin", scripts.folder() + "/none"),
                "the TornadoVM SDK " + scripts.folder() + "/none is no folder.");
        assertHas(Files.readString(Path.of("tests/pom.xml")), "seer_tornado_copy \"$1\" \"$2\"");
    }

    @Test
    void whatIsWrittenGoesAmongTemporaryFilesWhereTheProjectIsReadOnly() throws IOException {
        var scripts = ScriptedProject.in(given, "seer");
        Path sdk = scripts.release("sdk");
        scripts.file("closed/runner", "not a folder");
        scripts.environment().put("TMPDIR", scripts.folder().toString());
        var run = scripts.run("sh", "-c", ". \"$0/java-home.sh\"; . \"$0/tornadovm.sh\"; "
                + "seer_tornado_argfile \"$1\" \"$2\"", scripts.project() + "/bin", sdk.toString(),
                scripts.folder() + "/closed");
        assertEquals(0, run.code(), run.err());
        assertHas(run.out(), scripts.folder() + "/seer-", "/tornado-argfile-");
        assertEquals(sdk + "/lib", libraryPath(scripts, "@" + run.out()));
    }
}
