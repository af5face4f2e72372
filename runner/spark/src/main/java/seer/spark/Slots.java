package seer.spark;

import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import seer.model.BackendChoice;

/// What Spark gave an executor and a task to compute with.
final class Slots {
    private static final String GPU = "gpu";
    private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\d+|\\*)(?:,\\s*\\d+)?])?");

    private Slots() { }

    /// Cores of this executor: those of all its tasks, as they share one model.
    static int cores() {
        int machine = Runtime.getRuntime().availableProcessors();
        SparkEnv environment = SparkEnv.get();
        return environment == null ? machine : cores(environment.conf(), machine);
    }

    static int cores(SparkConf conf, int machine) {
        var local = LOCAL.matcher(conf.get("spark.master", ""));
        if (local.matches()) {
            String count = local.group(1);
            return count == null ? 1 : count.equals("*") ? machine : Integer.parseInt(count);
        }
        return Integer.parseInt(conf.get("spark.executor.cores", Integer.toString(machine)));
    }

    static boolean isLocal(String master) {
        return LOCAL.matcher(master).matches();
    }

    /// The GPU that Spark assigned to a task, as its discovery script named it; empty where it assigned none, or where
    /// the cpu is asked for.
    ///
    /// @throws IllegalArgumentException if it assigned more than one
    static String device(Place place, TaskContext task) {
        boolean onDevice = place.choice(1, true).kind() == BackendChoice.Kind.TORNADO;
        if (task == null || !onDevice || !task.resourcesJMap().containsKey(GPU)) {
            return "";
        }
        String[] addresses = task.resourcesJMap().get(GPU).addresses();
        if (addresses.length != 1) {
            throw new IllegalArgumentException("spark.task.resource.gpu.amount is " + addresses.length
                    + ", wanted 1: a task computes on one device");
        }
        return addresses[0];
    }
}
