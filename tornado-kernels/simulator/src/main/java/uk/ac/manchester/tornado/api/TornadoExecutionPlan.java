package uk.ac.manchester.tornado.api;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import seer.sim.Plan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/// Graphs on one device, and the way to run them. Options return the plan itself.
public class TornadoExecutionPlan implements AutoCloseable {

    private static final AtomicLong PLANS = new AtomicLong();

    private final long id = PLANS.incrementAndGet();
    private final Plan plan;
    private final List<TornadoExecutionResult> results = new ArrayList<>();

    public TornadoExecutionPlan(ImmutableTaskGraph... immutableTaskGraphs) {
        plan = new Plan(Stream.of(immutableTaskGraphs).map(ImmutableTaskGraph::graph).toList());
    }

    public static TornadoDevice getDevice(int driverIndex, int deviceIndex) {
        return TornadoRuntimeProvider.getTornadoRuntime().getBackend(driverIndex)
                .getDevice(deviceIndex);
    }

    public static int getTotalPlans() {
        return PLANS.intValue();
    }

    public static TornadoDeviceMap getTornadoDeviceMap() {
        return new TornadoDeviceMap();
    }

    /// Runs the selected graphs (all of them unless [#withGraph(int)] chose one) in their order.
    public TornadoExecutionResult execute() {
        plan.execute();
        TornadoExecutionResult result = new TornadoExecutionResult(plan);
        results.add(result);
        return result;
    }

    public TornadoExecutionResult getPlanResult(int index) {
        if (index >= results.size()) {
            throw new TornadoRuntimeException("there is no execution number " + index + " yet");
        }
        return results.get(index);
    }

    public TornadoExecutionPlan withGraph(int graphIndex) {
        plan.select(graphIndex);
        return this;
    }

    public TornadoExecutionPlan withAllGraphs() {
        plan.selectAll();
        return this;
    }

    public TornadoExecutionPlan withGridScheduler(GridScheduler gridScheduler) {
        plan.grids(gridScheduler);
        return this;
    }

    public TornadoExecutionPlan withDefaultScheduler() {
        plan.grids(null);
        return this;
    }

    /// There is nothing to compile; the kernels are found and checked for their form.
    public TornadoExecutionPlan withPreCompilation() {
        plan.resolve();
        return this;
    }

    public TornadoExecutionPlan withDevice(TornadoDevice device) {
        return this;
    }

    public TornadoDevice getDevice(int immutableTaskGraphIndex) {
        return TornadoRuntimeProvider.getTornadoRuntime().getDefaultDevice();
    }

    public TornadoExecutionPlan withProfiler(ProfilerMode profilerMode) {
        return this;
    }

    public TornadoExecutionPlan withoutProfiler() {
        return this;
    }

    public TornadoExecutionPlan withPrintKernel() {
        return this;
    }

    public TornadoExecutionPlan withoutPrintKernel() {
        return this;
    }

    public TornadoExecutionPlan withThreadInfo() {
        return this;
    }

    public TornadoExecutionPlan withoutThreadInfo() {
        return this;
    }

    public TornadoExecutionPlan withCompilerFlags(TornadoVMBackendType backend, String compilerFlags) {
        return this;
    }

    /// Recording into a graph changes nothing that a simulation could show.
    public TornadoExecutionPlan withCUDAGraph() {
        return this;
    }

    public TornadoExecutionPlan withWarmUpIterations(int iterations) {
        for (int i = 0; i < iterations; i++) {
            plan.execute();
        }
        return this;
    }

    /// Lets a buffer of one graph stand for the device memory that another graph has for its own. The
    /// offset has to be 0; afterwards all graphs are selected.
    public void mapOnDeviceMemoryRegion(Object destTornadoArray, Object srcTornadoArray, long offset,
            int fromGraphIndex, int toGraphIndex) {
        plan.map(destTornadoArray, srcTornadoArray, offset, fromGraphIndex, toGraphIndex);
    }

    public TornadoExecutionPlan freeDeviceMemory() {
        plan.free();
        return this;
    }

    public TornadoExecutionPlan resetDevice() {
        return freeDeviceMemory();
    }

    public long getCurrentDeviceMemoryUsage() {
        return plan.deviceBytes();
    }

    public long getId() {
        return id;
    }

    public long getGlobalExecutionPlansCounter() {
        return PLANS.get();
    }

    @Override
    public void close() throws TornadoExecutionPlanException {
        plan.free();
    }
}
