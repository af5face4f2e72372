package seer.sim;

/// A thread that runs work-groups, one after another, and knows which one it is at.
final class SimulatorThread extends Thread {

    private WorkGroup group;

    SimulatorThread(Runnable body) {
        super(body, Simulator.NAME);
        setDaemon(true);
    }

    void enter(WorkGroup entered) {
        group = entered;
    }

    /// The group of the current thread, or null outside a launch.
    static WorkGroup group() {
        return Thread.currentThread() instanceof SimulatorThread thread ? thread.group : null;
    }
}
