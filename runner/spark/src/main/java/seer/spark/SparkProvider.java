package seer.spark;

import java.util.Map;
import seer.run.cluster.Cluster;

/// Starts Spark for the command line.
public final class SparkProvider implements Cluster.Provider {
    @Override
    public Cluster open(String name, String master, Map<String, String> settings) {
        return SparkCluster.open(name, master, settings);
    }
}
