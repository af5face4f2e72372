package seer.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.gate.SelectorSpec;
import seer.run.cluster.Cluster;
import seer.run.cluster.PrefillJob;

/// Reads many documents on Apache Spark.
@Command(name = "spark-prefill", mixinStandardHelpOptions = true,
        description = "Reads the documents of a folder on Apache Spark, scores and answers them; see docs/spark.md. "
                + "What is in --output already is not read again.")
final class SparkPrefillCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--master", paramLabel = "MASTER",
            description = "local[N], spark://HOST:PORT, k8s://URL (default: what spark-submit was told).")
    private String master;

    @Option(names = "--conf", paramLabel = "NAME=VALUE", mapFallbackValue = "",
            description = "A setting of Spark's, may be given several times.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--input", paramLabel = "DIR", required = true,
            description = "Documents, as lines of JSON or Parquet; on any file system that Spark reads.")
    private String input;

    @Option(names = "--output", paramLabel = "DIR", required = true,
            description = "Folder for the results, in the format of the input.")
    private String output;

    @Option(names = "--format", paramLabel = "NAME",
            description = "${COMPLETION-CANDIDATES} (default: as the names of the files tell).")
    private Format format;

    @Mixin private ColumnOptions columns;

    @Option(names = "--model", paramLabel = "PATH", defaultValue = "${sys:seer.home:-.}/demo-model",
            description = "Folder or GGUF file, the same on every machine, or an address of a Hadoop file system "
                    + "(default: the shipped demo-model).")
    private String model;

    @Option(names = "--checksum", paramLabel = "SHA256", defaultValue = "",
            description = "That the weights must have (default: that of the copy which the driver sees).")
    private String checksum;

    @Option(names = "--gate", paramLabel = "DIR", defaultValue = "",
            description = "Folder with the gate adapter (default: the folder gate inside the model's, or beside a "
                    + "file).")
    private String gate;

    @Option(names = "--select", paramLabel = "SELECTOR", defaultValue = "gate",
            converter = SelectorOptions.Converter.class, completionCandidates = SelectorOptions.Grammar.class,
            description = "How blocks are chosen: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private SelectorSpec select;

    @Mixin private ForcedOptions forcedOptions;

    @Mixin private ReadingOptions readingOptions;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto",
            description = "auto, cpu, tornado or simulator; auto is tornado where Spark assigned a GPU to the task, "
                    + "else cpu (default: ${DEFAULT-VALUE}).")
    private BackendOptions.BackendName backend;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0",
            description = "Threads of an executor's cpu backend (default: its cores).")
    private int threads;

    @Option(names = "--precision", paramLabel = "NAME", defaultValue = "auto",
            description = "How a device stores weights, activations and the cache, and the cpu multiplies, as in "
                    + "seer prefill (default: ${DEFAULT-VALUE}).")
    private BackendOptions.Precision precision;

    @Option(names = "--partitions", paramLabel = "N", defaultValue = "0",
            description = "Tasks that the documents are dealt to, long ones first (default: four for each that can run "
                    + "at a time).")
    private int partitions;

    /// What `--format` can be.
    enum Format { json, parquet }

    @Override
    public Integer call() {
        check();
        try (var cluster = Cluster.open("spark-prefill", master, settings);
                var progress = Progress.of("spark-prefill")) {
            OutcomeText.print(cluster.prefill(job(), progress), output, spec.commandLine().getOut());
        }
        return 0;
    }

    private void check() {
        columns.check();
        if (master == null && System.getProperty("spark.master") == null) {
            throw new UsageException("--master is missing, wanted one such as local[2] or spark://HOST:7077");
        }
        forcedOptions.forced();
        readingOptions.check();
        Lengths.positive("--threads", threads, 0);
        Lengths.positive("--partitions", partitions, 0);
    }

    private PrefillJob job() {
        var reading = readingOptions.reading(select, forcedOptions.forced());
        var transformer = new LinkedHashMap<String, Object>();
        transformer.put("model", model);
        transformer.put("checksum", checksum);
        transformer.put("gate", gate);
        transformer.put("select", reading.select());
        transformer.put("denseLastRows", reading.denseLastRows());
        transformer.put("keepFirst", reading.keepFirst());
        transformer.put("denseBelow", reading.denseBelow());
        transformer.put("question", reading.question());
        transformer.put("newTokens", reading.newTokens());
        transformer.put("perplexity", reading.perplexity());
        transformer.put("logLikelihoods", reading.logLikelihoods());
        transformer.put("chunk", reading.chunk());
        transformer.put("backend", backend.name());
        transformer.put("threads", threads);
        transformer.put("precision", precision.name());
        transformer.put("partitions", partitions);
        return new PrefillJob(input, output, format == null ? null : format.name(), columns.id(), columns.column(),
                columns.tokens(), columns.keep(), transformer);
    }
}
