package seer.spark;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Programs in JVMs of their own, with the class path and the options of this one: to be killed, or to be Spark's
/// master and workers on this machine.
final class Processes implements AutoCloseable {
    private static final int PATIENCE = 300; // seconds, on a busy machine
    private static final String CLASSES = System.getProperty("java.class.path");

    private final Path folder;
    private final Path home;
    private final List<Process> running = new ArrayList<>();

    /// @param folder for logs, and for what passes for Spark's folder
    Processes(Path folder) {
        this.folder = folder;
        this.home = folder.resolve("spark");
    }

    /// What workers take for a release of Spark: links to the jars of this class path.
    private void layOut() throws IOException {
        Path jars = Files.createDirectories(home.resolve("jars"));
        for (String entry : CLASSES.split(File.pathSeparator)) {
            if (entry.endsWith(".jar")) {
                Files.createSymbolicLink(jars.resolve(Path.of(entry).getFileName()), Path.of(entry));
            }
        }
    }

    /// The command line.
    ///
    /// @param vectors whether the Vector API is there
    Process seer(List<String> command, Path log, boolean vectors) throws IOException {
        var words = new ArrayList<>(List.of("seer.run.Main"));
        words.addAll(command);
        return start(words, log, vectors);
    }

    private Process start(List<String> program, Path log, boolean vectors) throws IOException {
        var words = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-opens") || option.startsWith("--enable-native")
                        || option.startsWith("--sun-misc") || vectors && option.startsWith("--add-modules"))
                .forEach(words::add);
        words.addAll(List.of("-Xmx1g", "-cp", CLASSES));
        words.addAll(program);
        var builder = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("SPARK_HOME", home.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13"); // as the scripts of a release say
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        var process = builder.start();
        running.add(process);
        return process;
    }

    /// A master that answers, and its address.
    String master() throws IOException, InterruptedException {
        layOut();
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        start(List.of("org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", Integer.toString(port),
                "--webui-port", "0"), folder.resolve("master.log"), true);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        while (!answers(port)) {
            if (System.nanoTime() > end) {
                throw new IOException(Files.readString(folder.resolve("master.log")));
            }
            Thread.sleep(100);
        }
        return "spark://127.0.0.1:" + port;
    }

    private static boolean answers(int port) {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException _) { // not yet
            return false;
        }
    }

    /// A worker with one core.
    Process worker(String master, String name) throws IOException {
        return start(List.of("org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "1g", "--host",
                "127.0.0.1", "--webui-port", "0", "--work-dir", folder.resolve(name).toString(), master),
                folder.resolve(name + ".log"), true);
    }

    /// What executors need, as options of a command: the classes of this run, and one core each.
    static List<String> settings() {
        return Arrays.asList("--conf", "spark.executor.extraClassPath=" + CLASSES, "--conf", "spark.executor.cores=1",
                "--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1", "--conf",
                "spark.ui.enabled=false");
    }

    @Override
    public void close() throws IOException {
        for (Process process : running.reversed()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        for (Process process : running) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        Path jars = home.resolve("jars");
        if (Files.isDirectory(jars)) {
            try (var links = Files.list(jars)) {
                for (Path link : links.toList()) {
                    Files.delete(link);
                }
            }
        }
    }
}
