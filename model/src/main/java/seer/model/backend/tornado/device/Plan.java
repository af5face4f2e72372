package seer.model.backend.tornado.device;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/// TornadoVM's execution plan over all graphs: those of the operations, which run, and those of the banks, which are
/// only mapped onto.
///
/// A graph joins when it is first needed: a new plan is made of all graphs. What was compiled, and what lies on the
/// device, belongs to the graphs and stays.
final class Plan {
    /// A plan remembers the result of each of its runs: after so many it is replaced.
    private static final int RUNS = 100_000;

    private final List<ImmutableTaskGraph> graphs = new ArrayList<>();
    private final Map<ImmutableTaskGraph, Integer> places = new HashMap<>();
    private final Map<String, WorkerGrid> grids = new HashMap<>();
    private final Runnable await;
    private TornadoExecutionPlan plan; // null when a graph came or went
    private int runs; // of this plan

    /// @param await waits for all runs; a plan has a queue of its own
    Plan(Runnable await) {
        this.await = await;
    }

    void add(ImmutableTaskGraph graph, Map<String, WorkerGrid> ofTasks) {
        if (!places.containsKey(graph)) {
            places.put(graph, graphs.size());
            graphs.add(graph);
            grids.putAll(ofTasks);
            plan = null;
        }
    }

    /// Forgets graphs that never run here.
    void remove(ImmutableTaskGraph graph) {
        graphs.remove(graph);
        places.clear();
        for (int i = 0; i < graphs.size(); i++) {
            places.put(graphs.get(i), i);
        }
        plan = null;
    }

    void run(ImmutableTaskGraph graph) {
        if (++runs > RUNS) {
            plan = null;
        }
        ready().withGraph(places.get(graph));
        plan.execute();
    }

    /// Makes a slot of a graph the device memory of a bank.
    void map(Slot slot, ImmutableTaskGraph graph, Bank bank) {
        slot.requireKind(bank);
        ready().mapOnDeviceMemoryRegion(slot.array(), bank.array(), 0, places.get(bank.graph()), places.get(graph));
        slot.bind(bank);
    }

    private TornadoExecutionPlan ready() {
        if (plan == null) {
            await.run();
            plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
            if (!grids.isEmpty()) {
                var scheduler = new GridScheduler();
                grids.forEach(scheduler::addWorkerGrid);
                plan.withGridScheduler(scheduler);
            }
            runs = 0;
        }
        return plan;
    }

    /// Bytes of the device that the graphs hold, banks and the operations' own buffers.
    long bytes() {
        return graphs.isEmpty() ? 0 : ready().getCurrentDeviceMemoryUsage();
    }

    /// Frees what the graphs hold.
    void close() throws TornadoExecutionPlanException {
        if (!graphs.isEmpty()) {
            ready().withAllGraphs();
            plan.close();
        }
    }
}
