package seer.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import seer.eval.Samples;
import seer.eval.plan.Library;
import seer.eval.plan.Measurer;
import seer.gate.train.GradientSource;
import seer.model.BackendChoice;
import seer.run.cluster.Cluster;
import seer.run.cluster.Crew;
import seer.run.cluster.ModelPlace;
import seer.run.cluster.PrefillJob;
import seer.run.cluster.PrefillOutcome;
import seer.run.cluster.TrainingJob;

/// Spark, as commands use it: its session, with what Seer needs of it.
final class SparkCluster implements Cluster {
    private static final String JARS = "spark.jars";
    private static final String CLASS_PATH = "spark.executor.extraClassPath";
    private static final String LOGGING = "log4j2.configurationFile";

    private final SparkSession session;

    private SparkCluster(SparkSession session) {
        this.session = session;
    }

    /// @param master null where spark-submit said it
    static SparkCluster open(String name, String master, Map<String, String> settings) {
        System.getProperties().putIfAbsent(LOGGING, "seer/spark/log4j2.properties");
        var conf = new SparkConf().setAppName("seer " + name);
        if (master != null) {
            conf.setMaster(master);
        }
        if (!conf.contains("spark.master")) {
            throw new IllegalArgumentException("no master is named, wanted one such as local[2] or spark://HOST:7077");
        }
        settings.forEach(conf::set);
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        if (Slots.isLocal(conf.get("spark.master"))) {
            conf.setIfMissing("spark.ui.enabled", "false");
            conf.setIfMissing("spark.driver.host", "localhost");
            conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
        } else if (!conf.contains(JARS) && !conf.contains(CLASS_PATH)) {
            conf.set(JARS, ownJars());
        }
        try {
            return new SparkCluster(SparkSession.builder().config(conf).getOrCreate());
        } catch (Exception e) { // Spark's are not declared
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
            throw new IllegalStateException("Spark does not start with master " + conf.get("spark.master") + ": "
                    + (why.contains("stopped SparkContext") ? "it does not answer" : why), e);
        }
    }

    /// The jars of this class path that Spark does not have itself.
    private static String ownJars() {
        Path spark = jarOf(SparkSession.class).getParent();
        return Arrays.stream(ManagementFactory.getRuntimeMXBean().getClassPath().split(File.pathSeparator))
                .map(Path::of).filter(jar -> jar.toString().endsWith(".jar") && Files.isRegularFile(jar))
                .filter(jar -> !jar.toAbsolutePath().getParent().equals(spark))
                .map(jar -> jar.toAbsolutePath().toString()).collect(Collectors.joining(","));
    }

    private static Path jarOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toAbsolutePath();
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public PrefillOutcome prefill(PrefillJob job, DoubleConsumer progress) {
        try {
            return new PrefillRun(session, job).run(progress);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } catch (Exception e) { // Spark's are not declared
            throw Faults.ofJob(e);
        }
    }

    @Override
    public Crew crew(ModelPlace place) {
        var context = new JavaSparkContext(session.sparkContext());
        return new Crew() {
            @Override
            public Measurer measurer(Library library, Samples samples, Consumer<Samples> each) {
                return new SparkMeasurer(context, place(place), library, samples, each);
            }

            @Override
            public GradientSource gradients(TrainingJob job) {
                return new SparkGradients(context, place(place), job);
            }

            @Override
            public void close() {
                SparkCluster.this.close();
            }
        };
    }

    private static Place place(ModelPlace place) {
        return new Place(absolute(place.model()), place.sha256(), place.gate() == null ? null : absolute(place.gate()),
                null, BackendChoice.Kind.of(place.backend()), place.threads() == null ? 0 : place.threads(),
                BackendChoice.Precision.of(place.precision()));
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().toString();
    }

    @Override
    public void close() {
        session.stop();
    }
}
