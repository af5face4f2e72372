package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.ScriptedProject.assertFails;
import static seer.support.ScriptedProject.assertHas;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.support.ScriptedProject;
import seer.support.ScriptedProject.Run;

/// What bin/seer would start, and what it says where it cannot: the scripts in a folder that looks built, beside
/// folders that look like a TornadoVM SDK.
class StartCommandTest {
    private static final String VERSION = ScriptedProject.TORNADOVM;
    private static final String NOT_SET_UP =
            "no TornadoVM is set up, neither by TORNADOVM_HOME nor by ./setup.sh --tornadovm";

    @TempDir
    private Path given;

    private ScriptedProject scripts;
    private Path folder;
    private Path project;
    private Map<String, String> environment;

    @BeforeEach
    void buildAProject() throws IOException {
        scripts = ScriptedProject.in(given, "seer");
        folder = scripts.folder();
        project = scripts.project();
        environment = scripts.environment();
    }

    private Path file(String name, String content) throws IOException {
        return scripts.file(name, content);
    }

    private Path sdk(String name, String version) throws IOException {
        return scripts.sdk(name, version);
    }

    private Run run(String... command) {
        return scripts.run(command);
    }

    private Run seer(String... arguments) {
        return scripts.seer(arguments);
    }

    private String command(String... arguments) {
        return scripts.command(arguments);
    }

    @Test
    void withoutTornadoVmAutoStartsAPlainJvmThatKnowsWhy() {
        String command = command("prefill", "--question", "isn't it $x?");
        assertHas(command, "--add-modules jdk.incubator.vector", "-XX:+UseSerialGC",
                "'-Dseer.tornado.reason=" + NOT_SET_UP + "'", "seer.jar:" + project + "/runner/target/lib/*'",
                "seer.run.Main prefill --question 'isn'\\''t it $x?'");
        assertFalse(command.contains("simulator") || command.contains("@"), command);
    }

    @Test
    void theShownCommandIsWhatAShellReads() {
        String command = command("prefill", "--question", "isn't it $x?");
        assertEquals("isn't it $x?", run("sh", "-c", "printf %s " + command.substring(command.indexOf("'isn"))).out());
    }

    @Test
    void withAnSdkTheOptionsOfTornadoVmComeFirst() throws IOException {
        Path sdk = sdk("sdk", VERSION);
        environment.put("TORNADOVM_HOME", sdk.toString());
        for (String backend : List.of("auto", "tornado")) {
            String command = command("prefill", "--backend", backend);
            assertHas(command, "env TORNADOVM_HOME=" + sdk, "/bin/java @" + sdk + "/tornado-argfile ",
                    "--add-modules jdk.incubator.vector", "--enable-native-access=tornado.drivers.opencl ",
                    "-Dtornado.recover.bailout=False", "-Dtornado.cuda.host.pinning=false",
                    "-Dtornado.device.memory=");
            assertFalse(command.contains("simulator"), command);
            assertFalse(command.contains("GC"), "the collector is TornadoVM's choice: " + command);
        }
    }

    @Test
    void optionsOfTheUserComeAfterOurs() throws IOException {
        environment.put("TORNADOVM_HOME", sdk("sdk", VERSION).toString());
        environment.put("SEER_JAVA_OPTS", "-Dtornado.device.memory=3GB -Xmx2g");
        assertTrue(command("devices").matches(".*device\\.memory=\\d+MB .*device\\.memory=3GB -Xmx2g -cp .*"));
    }

    @Test
    void theSimulatorIsOnThePathAloneAndOnlyWhenItIsAskedFor() throws IOException {
        environment.put("TORNADOVM_HOME", sdk("sdk", VERSION).toString());
        String command = command("prefill", "--backend=simulator");
        assertHas(command, "lib/*:" + project + "/runner/target/simulator/*'",
                "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED");
        assertFalse(command.contains("@") || command.contains("TORNADOVM_HOME"), command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefill --backend cpu", "prefill --backend tornado --help", "--version"})
    void theCpuAndHelpNeedNoSdk(String line) throws IOException {
        environment.put("TORNADOVM_HOME", sdk("sdk", VERSION).toString());
        assertHas(command(line.split(" ")), "/bin/java --add-modules jdk.incubator.vector -XX:+UseSerialGC");
    }

    @Test
    void theFolderThatSetupNotedIsUsedUnlessTheVariableNamesAnother() throws IOException {
        Path noted = sdk("noted", VERSION);
        Path named = sdk("named", VERSION);
        var setup = run(project.resolve("setup.sh").toString(), "--tornadovm", "noted");
        assertEquals(0, setup.code(), setup.err());
        assertHas(command("devices"), "@" + noted + "/tornado-argfile");
        environment.put("TORNADOVM_HOME", named.toString());
        assertHas(command("devices"), "@" + named + "/tornado-argfile");
    }

    @ParameterizedTest
    @CsvSource({"nowhere, the TornadoVM SDK FOLDER/nowhere is no folder",
        "empty, FOLDER/empty is no TornadoVM SDK", "older, 'has version 5.1.0-jdk25, wanted 5.2.0-jdk25'",
        "jdk21, 'has version 5.2.0-jdk21, wanted 5.2.0-jdk25'", "torn, FOLDER/torn is no whole TornadoVM SDK"})
    void aBrokenSdkIsOneSentenceForTornadoAndAReasonForAuto(String name, String wanted) throws IOException {
        file("empty/README.md", "");
        sdk("older", "5.1.0-jdk25");
        sdk("jdk21", "5.2.0-jdk21");
        Files.delete(sdk("torn", VERSION).resolve("tornado-argfile"));
        String sentence = wanted.replace("FOLDER", folder.toString());
        environment.put("TORNADOVM_HOME", folder.resolve(name).toString());
        assertFails(seer("prefill", "--backend", "tornado"), sentence);
        assertHas(command("prefill"), "-Dseer.tornado.reason=", sentence, "-XX:+UseSerialGC");
        environment.remove("TORNADOVM_HOME");
        assertFails(run(project.resolve("setup.sh").toString(), "--tornadovm", folder.resolve(name).toString()),
                sentence);
        assertFalse(Files.exists(project.resolve(".tornadovm")));
    }

    @Test
    void tornadoWithoutAnSdkIsOneSentence() {
        assertFails(seer("prefill", "--backend", "tornado"), NOT_SET_UP);
        assertFails(run(project.resolve("setup.sh").toString(), "test", "--tornadovm"), NOT_SET_UP);
    }

    @Test
    void aReleaseHoldsATemplateOfItsOptions() throws IOException {
        Path sdk = scripts.release("release");
        environment.put("TORNADOVM_HOME", sdk.toString());
        assertEquals(List.of("-Djava.library.path=" + sdk + "/lib", "--module-path " + sdk + "/share/java/tornado"),
                Files.readAllLines(written(command("devices"))));
    }

    /// The argument file that a command names: one of the project's, the last of which has a name without its sum.
    private Path written(String command) throws IOException {
        var file = Pattern.compile("/bin/java @(\\S+) ").matcher(command);
        assertTrue(file.find(), command);
        Path written = Path.of(file.group(1));
        Path last = project.resolve("runner/target/tornado-argfile");
        assertTrue(written.toString().startsWith(last + "-"), command);
        assertTrue(Files.isSameFile(written, last), command);
        return written;
    }

    @Test
    void anSdkThatWasMovedGetsOptionsForItsNewFolder() throws IOException {
        Path sdk = sdk("moved", VERSION);
        file("moved/tornado-argfile", "--module-path /gone/share/java/tornado\n");
        file("moved/etc/exportLists/common-exports", "# common\n--add-exports=a/b=c\n\n");
        file("moved/etc/exportLists/opencl-exports", "--add-exports=d/e=f\n");
        environment.put("TORNADOVM_HOME", sdk.toString());
        assertHas(Files.readString(written(command("devices"))), "-XX:+EnableJVMCI\n",
                "--module-path " + sdk + "/share/java/tornado\n", "--enable-native-access=tornado.drivers.opencl\n",
                "tornado.drivers.common,tornado.drivers.opencl\n--add-exports=a/b=c\n--add-exports=d/e=f\n");
    }

    @ParameterizedTest
    @CsvSource({"25.0.1, false", "25.0.2, true", "25.0.10, true", "25.1.0, true", "25, false", "26, false",
        "21.0.9, false", "25.0.2.0.1, true"})
    void tornadoVmWantsAJdkFrom2502On(String version, boolean wanted) throws IOException {
        assertTrue(file("jdk/bin/java", "").toFile().setExecutable(true));
        file("jdk/release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        var run = run("sh", "-c", ". \"$0\"; seer_runs_25 \"$1\" 2", project.resolve("bin/java-home.sh").toString(),
                folder.resolve("jdk").toString());
        assertEquals(wanted, run.code() == 0, run.err());
    }

    /// A `curl` that knows the page and the archive of a release, and `unzip`.
    ///
    /// @param digest stated for the archive, as JSON
    private Run setupFromRelease(String archive, String digest) throws IOException {
        file("release.json", """
                {"name": "TornadoVM 5.2.0", "assets": [
                  {"name": "other.zip", "uploader": {"login": "x"}, "digest": "sha256:%s"},
                  {"name": "NAME", "size": 5, "digest": %s, "state": "uploaded"},
                  {"name": "last.zip", "digest": "sha256:%s"}], "body": "sha256: none, \\"name\\""}
                """.formatted("0".repeat(64), digest, "1".repeat(64)));
        Files.write(folder.resolve("archive.zip"), archive.getBytes(StandardCharsets.UTF_8));
        sdk("packed/tornadovm-x", VERSION);
        scripts.tool("curl", """
                to=; for word do [ "$before" != -o ] || to=$word; before=$word; done
                echo "$word" >>"$HOME/asked"
                case $word in
                    https://api.github.com/*) [ -f "$HOME/release.json" ] &&
                        sed "s/NAME/tornadovm-5.2.0-jdk25-$FLAVOUR.zip/" "$HOME/release.json" >"$to" ;;
                    *) cp "$HOME/archive.zip" "$to" ;;
                esac
                """);
        scripts.tool("unzip", "mkdir -p \"$4\" && cp -r \"$HOME/packed/.\" \"$4\"");
        String flavour = run("sh", "-c", "command -v nvidia-smi || ldconfig -p | grep 'libcuda[.]so[.]1'").code() == 0
                ? "cuda" : "opencl";
        environment.put("FLAVOUR", flavour + (System.getProperty("os.name").startsWith("Mac") ? "-mac-aarch64"
                : "-linux-amd64"));
        return run(project.resolve("setup.sh").toString(), "--tornadovm");
    }

    @Test
    void withoutSdkmanTheReleaseIsFetchedAndHeldAgainstItsChecksum() throws IOException {
        String sum = "ffe9fc9ec5c2bc5ed8cab3ffa9a6a1a4ec75cb8dbd9c2d5bd90a40a4c9a0a2ff";
        var wrong = setupFromRelease("an archive", "\"sha256:" + sum + "\"");
        assertEquals(1, wrong.code());
        assertTrue(wrong.err().contains("does not have the checksum " + sum + ", so it was thrown away: please get "
                + "tornadovm-" + VERSION), wrong.err());
        assertFalse(Files.exists(project.resolve(".tornadovm")));

        var unstated = setupFromRelease("an archive", "null");
        assertEquals(1, unstated.code());
        assertTrue(unstated.err().contains("states no checksum of tornadovm-" + VERSION), unstated.err());

        sum = run("sh", "-c", "printf 'an archive' | (sha256sum || shasum -a 256) | cut -d ' ' -f 1").out();
        var right = setupFromRelease("an archive", "\"sha256:" + sum + "\"");
        assertEquals(0, right.code(), right.err());
        assertHas(Files.readString(project.resolve(".tornadovm")), project + "/.tornado/" + VERSION);
        assertHas(Files.readString(folder.resolve("asked")), "releases/download/v" + VERSION + "/tornadovm-" + VERSION);
        try (var left = Files.list(project.resolve(".tornado"))) {
            assertEquals(1, left.count(), "nothing half-fetched is left");
        }
    }

    @Test
    void withoutSdkmanAndReleaseSetupSaysWhatToFetchByHand() throws IOException {
        scripts.tool("curl", "exit 6");
        var run = run(project.resolve("setup.sh").toString(), "--tornadovm");
        assertEquals(1, run.code());
        assertTrue(run.err().contains("the release page of TornadoVM cannot be reached: please get tornadovm-"
                + VERSION), run.err());
        assertTrue(run.err().contains("run ./setup.sh --tornadovm DIR"), run.err());
        assertFalse(Files.exists(project.resolve(".tornadovm")));
    }

    @Test
    void sdkmanInstallsThePinnedVersion() throws IOException {
        file("sdkman/bin/sdkman-init.sh", """
                sdk() {
                    echo "$*" >"$SDKMAN_DIR/asked"
                    read -r answer && echo "$answer" >>"$SDKMAN_DIR/asked"
                    mkdir -p "$SDKMAN_DIR/candidates/tornadovm" && cp -r "$SDKMAN_DIR/../sdk" \\
                        "$SDKMAN_DIR/candidates/tornadovm/$3"
                }
                """);
        sdk("sdk", VERSION);
        environment.put("SDKMAN_DIR", folder.resolve("sdkman").toString());
        var run = run(project.resolve("setup.sh").toString(), "--tornadovm");
        assertEquals(0, run.code(), run.err());
        var asked = Files.readAllLines(folder.resolve("sdkman/asked"));
        assertTrue(asked.getFirst().matches("install tornadovm 5[.]2[.]0-jdk25-(cuda|opencl)"), asked.getFirst());
        assertEquals("n", asked.getLast(), "another version may be the user's default");
        assertHas(Files.readString(project.resolve(".tornadovm")), "sdkman/candidates/tornadovm/5.2.0-jdk25-");
    }

    @Test
    void aCompilerExtensionOfOlderClassesDoesNotOutliveABuild() throws IOException {
        file("seer/runner/target/extension/sdk", folder + "/sdk\n");
        file("seer/runner/target/extension/classes/Old.class", "");
        scripts.tool("mvn", "echo Apache Maven 3.9.9");
        var run = run(project.resolve("setup.sh").toString());
        assertEquals(0, run.code(), run.err());
        assertFalse(Files.exists(project.resolve("runner/target/extension")));
    }

    @Test
    void whatIsNotBuiltIsSaid() throws IOException {
        Files.delete(project.resolve("runner/target/simulator/simulator.jar"));
        assertFails(seer("prefill", "--backend", "simulator"), "the simulator is not built yet");
        Files.delete(project.resolve("runner/target/seer.jar"));
        assertFails(seer("prefill"), "not built yet");
    }
}
