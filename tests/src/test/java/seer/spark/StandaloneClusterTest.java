package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.support.Demo;

/// A master and two workers on this machine.
@Tag("slow")
class StandaloneClusterTest {
    private static final int DOCUMENTS = 200;
    private static final int PATIENCE = 900; // seconds, on a busy machine

    @TempDir
    private Path folder;

    private List<String> command(Path input, String output, String master) {
        return new ArrayList<>(List.of("spark-prefill", "--master", master, "--input", input.toString(), "--output",
                folder.resolve(output).toString(), "--model", Demo.MODEL.toAbsolutePath().toString(), "--select",
                "gate:density=0.3", "--new-tokens", "2", "--partitions", "8"));
    }

    @Test
    void aWorkerThatIsKilledLeavesResultsCompleteAndEqual() throws Exception {
        Path input = Documents.write(folder, LocalSpark.texts(DOCUMENTS));
        try (var processes = new Processes(folder)) {
            String master = processes.master();
            var first = processes.worker(master, "worker-1");
            processes.worker(master, "worker-2");
            Path log = folder.resolve("driver.log");
            var command = command(input, "cluster", master);
            command.addAll(Processes.settings());
            var driver = processes.seer(command, log, true);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
            while (Documents.journal(folder.resolve("cluster")).size() < DOCUMENTS / 4) {
                assertTrue(driver.isAlive() && System.nanoTime() < end, Files.readString(log));
                Thread.sleep(50);
            }
            assertEquals(2, executors(), "both workers have had work");
            first.destroyForcibly().waitFor();
            assertTrue(driver.waitFor(PATIENCE, TimeUnit.SECONDS), Files.readString(log));
            assertEquals(0, driver.exitValue(), Files.readString(log));
            assertTrue(Files.readString(log).contains(DOCUMENTS + " documents in "), Files.readString(log));
            var local = processes.seer(command(input, "local", "local[2]"), folder.resolve("local.log"), true);
            assertEquals(0, local.waitFor(), Files.readString(folder.resolve("local.log")));
        }
        var wanted = Documents.results(folder.resolve("local"));
        var got = Documents.results(folder.resolve("cluster"));
        assertEquals(DOCUMENTS, wanted.size());
        assertEquals(wanted.keySet(), got.keySet());
        for (String id : wanted.keySet()) {
            assertEquals(Documents.facts(wanted.get(id)), Documents.facts(got.get(id)), id);
        }
    }

    /// Folders in which workers started executors.
    private long executors() throws Exception {
        long count = 0;
        for (String worker : List.of("worker-1", "worker-2")) {
            try (var files = Files.walk(folder.resolve(worker))) {
                count += files.anyMatch(each -> each.getFileName().toString().equals("stderr")) ? 1 : 0;
            }
        }
        return count;
    }
}
