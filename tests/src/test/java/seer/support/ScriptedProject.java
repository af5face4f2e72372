package seer.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// The scripts in a folder that looks built, beside folders that look like a TornadoVM SDK or like a JDK.
public final class ScriptedProject {
    /// The version of TornadoVM that the scripts want.
    public static final String TORNADOVM = "5.2.0-jdk25";

    private final Path folder;
    private final Path project;
    private final Map<String, String> environment = new TreeMap<>();

    /// What a command left behind.
    public record Run(int code, String out, String err) { }

    private ScriptedProject(Path folder, String name) {
        this.folder = folder;
        this.project = folder.resolve(name);
    }

    /// In a folder `name` of `given`.
    public static ScriptedProject in(Path given, String name) throws IOException {
        var made = new ScriptedProject(given.toRealPath(), name);
        for (String script : List.of("bin/seer", "bin/java-home.sh", "bin/tornadovm.sh", "bin/spark.sh", "setup.sh")) {
            Path copy = made.project.resolve(script);
            Files.createDirectories(copy.getParent());
            Files.copy(Path.of(script), copy);
        }
        made.file(name + "/runner/target/seer.jar", "");
        made.file(name + "/runner/target/lib/model.jar", "");
        made.file(name + "/runner/target/simulator/simulator.jar", "");
        return made;
    }

    /// What surrounds the project.
    public Path folder() {
        return folder;
    }

    /// The project.
    public Path project() {
        return project;
    }

    /// Variables for commands, beside those of this process that do not matter here.
    public Map<String, String> environment() {
        return environment;
    }

    /// A file in the folder.
    public Path file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    /// A script in the folder.
    public Path script(String name, String lines) throws IOException {
        Path script = file(name, "#!/bin/sh\n" + lines);
        assertTrue(script.toFile().setExecutable(true));
        return script;
    }

    /// A program that goes before others of its name.
    public void tool(String name, String lines) throws IOException {
        script("tools/" + name, lines);
        environment.put("PATH", folder.resolve("tools") + ":" + System.getenv("PATH"));
    }

    /// A folder `name` that passes for a JDK of this version, with `lines` in the place of `java`, in JAVA_HOME.
    public void jdk(String name, String version, String lines) throws IOException {
        script(name + "/bin/java", lines);
        script(name + "/bin/javac", "exit 1\n");
        file(name + "/release", "JAVA_VERSION=\"" + version + "\"\n");
        environment.put("JAVA_HOME", folder.resolve(name).toString());
    }

    /// An SDK with options for the folder it lies in.
    public Path sdk(String name, String version) throws IOException {
        file(name + "/share/java/tornado/tornado-api-" + version + ".jar", "");
        file(name + "/share/java/tornado/tornado-drivers-common-" + version + ".jar", "");
        file(name + "/share/java/tornado/tornado-drivers-opencl-" + version + ".jar", "");
        file(name + "/tornado-argfile", "-server\n--module-path .:" + folder.resolve(name) + "/share/java/tornado\n");
        return folder.resolve(name);
    }

    /// An SDK as it is released: its options are a template.
    public Path release(String name) throws IOException {
        Path sdk = sdk(name, TORNADOVM);
        Files.delete(sdk.resolve("tornado-argfile"));
        file(name + "/tornado-argfile.template", """
                # === Native library path ===
                -Djava.library.path=${TORNADOVM_HOME}/lib

                --module-path .:${TORNADOVM_HOME}/share/java/tornado
                """);
        return sdk;
    }

    /// Runs a command in the folder, to the end of what it and its helpers write.
    public Run run(String... command) {
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.matches(
                "TORNADOVM_HOME|SEER_JAVA_OPTS|JAVA_OPTS|SDKMAN_DIR|.*JAVA_TOOL_OPTIONS"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("HOME", folder.toString());
        environment.forEach((name, value) -> {
            if (value == null) {
                builder.environment().remove(name);
            } else {
                builder.environment().put(name, value);
            }
        });
        try {
            var process = builder.start();
            process.getOutputStream().close();
            var errors = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
            String out = text(process.getInputStream());
            return new Run(process.waitFor(), out.strip(), errors.join().strip());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(String.join(" ", command), e);
        }
    }

    private static String text(InputStream stream) {
        try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs the project's setup.sh.
    public Run setup(String... arguments) {
        return run(words(project.resolve("setup.sh"), arguments));
    }

    /// Runs the project's bin/seer.
    public Run seer(String... arguments) {
        return run(words(project.resolve("bin/seer"), arguments));
    }

    private static String[] words(Path program, String... arguments) {
        return Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toArray(String[]::new);
    }

    /// The command that bin/seer would run.
    public String command(String... arguments) {
        var run = seer(Stream.concat(Stream.of(arguments), Stream.of("--show-command")).toArray(String[]::new));
        assertEquals(0, run.code(), run.err());
        assertEquals("", run.err());
        assertFalse(run.out().contains("--show-command"), run.out());
        return run.out();
    }

    /// The words of that command, as a shell reads them.
    public List<String> words(String... arguments) {
        return run("sh", "-c", "for word in " + command(arguments) + "; do printf '%s\\n' \"$word\"; done").out()
                .lines().toList();
    }

    /// All of these parts are in there.
    public static void assertHas(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), "wanted \"" + part + "\" in: " + text);
        }
    }

    /// Nothing but one sentence came out, with exit code 1.
    public static void assertFails(Run run, String sentence) {
        assertEquals(1, run.code(), run.out());
        assertHas(run.err(), sentence);
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals("", run.out());
    }
}
