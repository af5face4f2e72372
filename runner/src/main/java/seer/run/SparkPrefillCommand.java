package seer.run;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
import seer.run.cluster.PrefillOutcome;

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

    @Option(names = "--id", paramLabel = "COLUMN", defaultValue = "id",
            description = "Column that names a document (default: ${DEFAULT-VALUE}).")
    private String id;

    @Option(names = "--text-column", paramLabel = "COLUMN",
            description = "Column with texts (default: text).")
    private String textColumn;

    @Option(names = "--tokens-column", paramLabel = "COLUMN", description = "Column with tokens instead of texts.")
    private String tokensColumn;

    @Option(names = "--keep", paramLabel = "COLUMN", split = ",",
            description = "Columns that come along into the results.")
    private List<String> keep = List.of();

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

    @Option(names = "--dense-below", paramLabel = "N", defaultValue = "0",
            description = "Documents of fewer tokens are read dense (default: ${DEFAULT-VALUE}).")
    private int denseBelow;

    @Option(names = "--question", paramLabel = "TEXT", defaultValue = "", description = "Appended to every document.")
    private String question;

    @Option(names = "--new-tokens", paramLabel = "N", defaultValue = "0",
            description = "Tokens to draw after each document (default: ${DEFAULT-VALUE}).")
    private int newTokens;

    @Option(names = "--perplexity", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "Score every token and say the perplexity (default: on).")
    private boolean perplexity;

    @Option(names = "--log-likelihoods", description = "Keep the log-likelihood of every token.")
    private boolean logLikelihoods;

    @Option(names = "--chunk", paramLabel = "N", defaultValue = "0",
            description = "Tokens that pass through the layers together (default: as seer prefill has it).")
    private int chunk;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto",
            description = "auto, cpu, tornado or simulator; auto is tornado where Spark assigned a GPU to the task, "
                    + "else cpu (default: ${DEFAULT-VALUE}).")
    private BackendOptions.BackendName backend;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0",
            description = "Threads of an executor's cpu backend (default: its cores).")
    private int threads;

    @Option(names = "--precision", paramLabel = "NAME", defaultValue = "auto",
            description = "How a device stores weights, activations and the cache, as in seer prefill "
                    + "(default: ${DEFAULT-VALUE}).")
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
        PrintWriter out = spec.commandLine().getOut();
        try (var cluster = Cluster.open("spark-prefill", master, settings);
                var progress = Progress.of("spark-prefill")) {
            print(cluster.prefill(job(), progress), out);
        }
        return 0;
    }

    private void check() {
        if (textColumn != null && tokensColumn != null) {
            throw new UsageException("--text-column and --tokens-column are both there, wanted one of them");
        }
        if (master == null && System.getProperty("spark.master") == null) {
            throw new UsageException("--master is missing, wanted one such as local[2] or spark://HOST:7077");
        }
        Lengths.positive("--new-tokens", newTokens, 0);
        forcedOptions.forced();
        Lengths.positive("--dense-below", denseBelow, 0);
        Lengths.positive("--chunk", chunk, 0);
        Lengths.positive("--threads", threads, 0);
        Lengths.positive("--partitions", partitions, 0);
    }

    private PrefillJob job() {
        String column = tokensColumn != null ? tokensColumn : textColumn == null ? "text" : textColumn;
        var transformer = new LinkedHashMap<String, Object>();
        transformer.put("model", model);
        transformer.put("checksum", checksum);
        transformer.put("gate", gate);
        transformer.put("select", select.text());
        var forced = forcedOptions.forced();
        transformer.put("denseLastRows", forced.denseLastRows());
        transformer.put("keepFirst", forced.keepFirst());
        transformer.put("denseBelow", denseBelow);
        transformer.put("question", question);
        transformer.put("newTokens", newTokens);
        transformer.put("perplexity", perplexity);
        transformer.put("logLikelihoods", logLikelihoods);
        transformer.put("chunk", chunk);
        transformer.put("backend", backend.name());
        transformer.put("threads", threads);
        transformer.put("precision", precision.name());
        transformer.put("partitions", partitions);
        return new PrefillJob(input, output, format == null ? null : format.name(), id, column, tokensColumn != null,
                keep, transformer);
    }

    private void print(PrefillOutcome outcome, PrintWriter out) {
        out.printf(Locale.ROOT, "%s in %s, of them %d with an error and %d read by an earlier run%n",
                Count.of(outcome.documents(), "document"), output, outcome.errors(), outcome.before());
        long read = outcome.documents() - outcome.before();
        if (read > 0) {
            out.printf(Locale.ROOT, "this run: %,d documents, %,d tokens in %.1f s: %.2f documents/s, %,.0f tokens/s%n",
                    read, outcome.tokens(), outcome.seconds(), read / outcome.seconds(),
                    outcome.tokens() / outcome.seconds());
        }
        outcome.figures().forEach((name, value) -> out.printf(Locale.ROOT, "  %-32s %,d%n", name, value));
    }
}
