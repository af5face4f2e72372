package seer.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.run.cluster.DeviceCrew;
import seer.run.cluster.Document;
import seer.run.cluster.PrefillOutcome;
import seer.run.cluster.Reading;

/// Reads many documents, on one device or on several of this machine.
@Command(name = "batch-prefill", mixinStandardHelpOptions = true,
        description = "Reads the documents of a file or folder, scores and answers them, on one device or side by side "
                + "on several of this machine. What is in --output already is not read again.")
final class BatchPrefillCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin private ModelOptions modelOptions;
    @Mixin private DeviceOptions devices;
    @Mixin private SelectorOptions selectorOptions;
    @Mixin private ReadingOptions readingOptions;
    @Mixin private ColumnOptions columns;
    @Spec private CommandSpec spec;

    @Option(names = "--input", paramLabel = "PATH", required = true,
            description = "Documents as lines of JSON: a file, or a folder of .json and .jsonl files, with .gz or "
                    + "without.")
    private Path input;

    @Option(names = "--output", paramLabel = "DIR", required = true,
            description = "Folder for results.jsonl, a line for each document as it is done.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        columns.check();
        readingOptions.check();
        var select = selectorOptions.with(List.of());
        var reading = readingOptions.reading(select.getFirst(), selectorOptions.forced());
        var documents = new JsonDocuments(input, columns);
        int count = documents.count();
        try (var crew = modelOptions.crewOrAlone(devices); var bench = modelOptions.open(select)) {
            try (var results = new DocumentResults(output, columns.id(), settings(bench, reading))) {
                crew.join(bench.library());
                read(crew, bench, reading, documents, count, results);
            }
        }
        return 0;
    }

    private ObjectNode settings(Workbench bench, Reading reading) {
        ObjectNode settings = JSON.valueToTree(reading);
        settings.put("weights", bench.model().sha256());
        if (reading.selector().needsGate()) {
            settings.put("gates", bench.gate().fingerprint());
        }
        settings.put("id", columns.id()).put("column", columns.column());
        settings.set("keep", JSON.valueToTree(columns.keep()));
        return settings;
    }

    private void read(DeviceCrew crew, Workbench bench, Reading reading, JsonDocuments documents, int count,
                      DocumentResults results) {
        int before = results.documents();
        int known = documents.among(results.names(), results.nameless());
        var tokens = new AtomicLong();
        var done = new AtomicInteger(known);
        long start = System.nanoTime();
        try (var bar = Progress.of("batch-prefill")) {
            var shifts = crew.read(left(documents, results), count - known, reading, bench.gateFolder(),
                    (document, read) -> {
                        results.add(document, read.answer());
                        tokens.addAndGet(read.answer().tokens() == null ? 0 : read.answer().tokens());
                        bar.accept((double) done.incrementAndGet() / count);
                    });
            if (devices.asked()) {
                shifts.forEach(shift -> System.err.println("seer: " + shift.text() + "."));
            }
        }
        OutcomeText.print(new PrefillOutcome(results.documents(), results.errors(), before, before - known,
                tokens.get(), (System.nanoTime() - start) * 1e-9, Map.of()), output, spec.commandLine().getOut());
    }

    /// Documents that have no result. Those without a name are told apart by their place among such.
    private static Iterator<Document> left(JsonDocuments documents, DocumentResults results) {
        var names = results.names();
        int[] nameless = {results.nameless()};
        Iterable<Document> all = documents::documents;
        Stream<Document> left = StreamSupport.stream(all.spliterator(), false).filter(document ->
                document.id() == null ? --nameless[0] < 0 : !names.contains(document.id()));
        return left.iterator();
    }
}
