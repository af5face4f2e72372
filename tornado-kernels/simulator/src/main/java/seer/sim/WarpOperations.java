package seer.sim;

import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.Map;
import java.util.Set;

/// The operations of a warp that a kernel may call: static methods of the package `seer.warp`, whose bodies never run.
/// Those of `seer.warp.X` have models of the same names and signatures in [seer.sim].`XModel`. The two packages know of
/// each other by name only, and a test keeps them equal.
final class WarpOperations {

    private static final String CALLED = "seer/warp/";
    /// What one item computes by itself.
    private static final Set<String> PLAIN = Set.of("Warp.pack", "Warp.low", "Warp.high", "Warp.exp2",
            "Warp.reciprocal");
    /// What touches local memory of its own accord, or puts it in order.
    private static final Set<String> ORDERING = Set.of("BulkCopy", "AsyncCopy", "WarpGroup", "Cluster");

    /// Which arguments are places, and by how much one is moved to be a wrong one: a chunk of a tile, the next barrier,
    /// the next register, a lane of another row.
    private static final Map<String, int[][]> PLACES = Map.ofEntries(
            Map.entry("BulkCopy.barrier", new int[][] {{1, 2}}),
            Map.entry("BulkCopy.expect", new int[][] {{1, 2}}),
            Map.entry("BulkCopy.arrive", new int[][] {{1, 2}}),
            Map.entry("BulkCopy.await", new int[][] {{1, 2}}),
            Map.entry("BulkCopy.copy", new int[][] {{1, 2}, {2, 4}, {4, 4}, {5, 16}}),
            Map.entry("Cluster.copy", new int[][] {{1, 2}, {2, 4}, {4, 4}, {5, 16}, {6, 1}}),
            Map.entry("Cluster.arrive", new int[][] {{1, 2}, {2, 1}}),
            Map.entry("Quad.put", new int[][] {{1, 4}}),
            Map.entry("Quad.putInts", new int[][] {{1, 4}}),
            Map.entry("Quad.add", new int[][] {{1, 4}}),
            Map.entry("AsyncCopy.copy", new int[][] {{1, 4}, {3, 4}}),
            Map.entry("Warp.load4", new int[][] {{1, 4}, {3, 1}}),
            Map.entry("Warp.load4Transposed", new int[][] {{1, 4}, {3, 1}}),
            Map.entry("Warp.exchange", new int[][] {{1, 3}}),
            Map.entry("Warp.exchangeInt", new int[][] {{1, 3}}),
            Map.entry("Warp.multiplyAdd", new int[][] {{1, 1}, {3, 1}, {5, 1}}),
            Map.entry("WarpGroup.product", new int[][] {{1, 1}, {5, 1}, {7, 4}}),
            Map.entry("WarpGroup.productLocal", new int[][] {{1, 1}, {5, 4}, {6, 4}}));
    private static final int[][] NONE = {};

    private WarpOperations() {
    }

    static boolean isOne(InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        return owner.startsWith(CALLED) && owner.indexOf('/', CALLED.length()) < 0;
    }

    /// `Warp.load4`, say.
    static String name(InvokeInstruction call) {
        return call.owner().asInternalName().substring(CALLED.length()) + '.' + call.name().stringValue();
    }

    static ClassDesc model(InvokeInstruction call) {
        return ClassDesc.of(WarpOperations.class.getPackageName(),
                call.owner().asInternalName().substring(CALLED.length()) + "Model");
    }

    /// True for what an item does on its own, without waiting for anybody.
    static boolean isPlain(InvokeInstruction call) {
        return PLAIN.contains(name(call));
    }

    /// True for what a body throws, where a kernel is called as plain Java.
    static boolean isFrom(Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        return trace.length > 0 && trace[0].getClassName().startsWith(CALLED.replace('/', '.'));
    }

    /// True for what a kernel cannot do without. (Registers are not simulated, and how many groups are a cluster is
    /// known before one begins.)
    static boolean isRemovable(InvokeInstruction call) {
        return call.typeSymbol().returnType().equals(ConstantDescs.CD_void) && !name(call).startsWith("Occupancy.")
                && !name(call).equals("WarpGroup.renew") && !isCluster(call);
    }

    /// True for what says how many groups are a cluster.
    static boolean isCluster(InvokeInstruction call) {
        return name(call).equals("Cluster.groups");
    }

    /// Numbers of its arguments that are places, each with a distance to a wrong one.
    static int[][] places(InvokeInstruction call) {
        return PLACES.getOrDefault(name(call), NONE);
    }

    static boolean hasParity(InvokeInstruction call) {
        return name(call).equals("BulkCopy.await");
    }

    /// True if order in local memory is not only a matter of the group's barriers, for a kernel with these operations.
    static boolean order(Set<String> names) {
        return names.stream().anyMatch(name -> name.startsWith("Warp.load")
                || ORDERING.contains(name.substring(0, name.indexOf('.'))));
    }

    /// True if the tensor cores work while the items go on.
    static boolean multiply(Set<String> names) {
        return names.stream().anyMatch(name -> name.startsWith("WarpGroup."));
    }
}
