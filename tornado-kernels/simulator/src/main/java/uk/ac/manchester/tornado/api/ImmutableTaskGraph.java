package uk.ac.manchester.tornado.api;

import seer.sim.Graph;

/// A frozen [TaskGraph], ready for a plan.
public class ImmutableTaskGraph {

    private final TaskGraph taskGraph;

    ImmutableTaskGraph(TaskGraph taskGraph) {
        this.taskGraph = taskGraph;
    }

    Graph graph() {
        return taskGraph.graph();
    }
}
