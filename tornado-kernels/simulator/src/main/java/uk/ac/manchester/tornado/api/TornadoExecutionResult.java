package uk.ac.manchester.tornado.api;

import seer.sim.Plan;

/// One finished execution, through which buffers under demand can be copied back.
public class TornadoExecutionResult {

    private final Plan plan;

    TornadoExecutionResult(Plan plan) {
        this.plan = plan;
    }

    public TornadoExecutionResult transferToHost(Object... objects) {
        for (Object buffer : objects) {
            plan.fetch(buffer);
        }
        return this;
    }

    public TornadoExecutionResult transferToHost(DataRange dataRange) {
        dataRange.materialize();
        plan.fetch(dataRange.getArray(), dataRange.getOffset(), dataRange.getPartialSize());
        return this;
    }

    public TornadoProfilerResult getProfilerResult() {
        return new TornadoProfilerResult();
    }

    public boolean isReady() {
        return true;
    }
}
