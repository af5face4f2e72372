package seer.sim;

import java.util.ArrayList;
import java.util.List;

/// Groups that run at the same time, each on a multiprocessor of its own; for most kernels one alone.
///
/// They take turns on one thread: each goes on until none of its items can. Once that is so in all of them, what still
/// waits does so for what does not come ([Standstill]).
final class Cluster {

    private final Launch launch;
    private final List<WorkGroup> groups = new ArrayList<>();
    /// Items that wait for all others.
    private int met;

    Cluster(Launch launch, int size) {
        this.launch = launch;
        for (int rank = 0; rank < size; rank++) {
            groups.add(new WorkGroup(launch, this, rank, size));
        }
    }

    /// Runs the groups numbered `first` and on to their ends.
    ///
    /// @param launchStart first stamp of the launch's current run
    void run(int first, int launchStart, Schedule schedule) {
        int stamp = launch.tick();
        int[] turns = new int[groups.size()];
        schedule.fill(turns, first);
        met = 0;
        for (WorkGroup group : groups) {
            group.begin(first + group.rank, launchStart, stamp, schedule);
        }
        for (boolean moved = true; moved;) {
            moved = false;
            for (int turn : turns) {
                enter(groups.get(turn));
                moved |= groups.get(turn).advance();
            }
        }
        for (WorkGroup group : groups) {
            enter(group);
            group.requireEnded();
        }
    }

    /// The current thread runs items of this group from now on.
    private void enter(WorkGroup group) {
        ((SimulatorThread) Thread.currentThread()).enter(group);
        launch.attach(group);
    }

    int size() {
        return groups.size();
    }

    WorkGroup group(int rank) {
        return groups.get(rank);
    }

    /// The current item of `group` waits for all items of all groups.
    void meet(WorkGroup group) {
        if (++met < launch.groupSize() * groups.size()) {
            group.sleep(WorkGroup.GATHERING, "its cluster");
            return;
        }
        met = 0;
        int stamp = launch.tick();
        if (group.order != null) {
            Order.meeting(groups.stream().map(each -> each.order).toList(), stamp);
        }
        groups.forEach(each -> each.met(stamp));
        group.enter(group.item);
    }
}
