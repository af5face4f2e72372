package seer.sim;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

import seer.sim.KernelFault.Place;

/// The items of one group, taking turns on one thread.
///
/// An item runs until it ends or waits at a barrier; when all have had their turn, a phase is over,
/// and either all wait at one barrier or all have ended. What came before the barrier is then in order
/// with what comes after it, in the memory that its [Fence] names and in no other. Items that never
/// wait share a single [Fiber], so a kernel without barriers costs no switch at all. The object serves
/// all groups that its thread runs, one after another.
final class WorkGroup {

    private static final byte NEW = 0;
    private static final byte WAITING = 1;
    private static final byte ENDED = 2;

    final Launch launch;
    final LocalMemory locals;
    final PrivateArrays privates;

    /// First stamp of the launch's current run, of this group, and of its current phase.
    int launchStart;
    int start;
    int stamp;
    /// First stamps since the last barrier that put local, and global, memory in order.
    int localSince;
    int globalSince;
    /// Linear number of the item that runs, and its mark in the current phase.
    int item;
    long mark;

    private final WorkItem[] items;
    private final byte[] states;
    private final Fence[] fences;
    private final int[] sites;
    private final int[] lines;
    private final Fiber[] fibers;
    private final int[] turns;
    private final List<List<Tile>> tiles;
    private final Deque<Fiber> idle = new ArrayDeque<>();
    private final int[] id = new int[3];
    private int linear;
    private int next;
    private Throwable failure;
    /// Lines of the last barriers of either kind.
    private int localLine;
    private int globalLine;

    WorkGroup(Launch launch) {
        this.launch = launch;
        this.locals = new LocalMemory(this, launch.watched());
        this.privates = new PrivateArrays(this);
        int n = launch.groupSize();
        items = new WorkItem[n];
        states = new byte[n];
        fences = new Fence[n];
        sites = new int[n];
        lines = new int[n];
        fibers = new Fiber[n];
        turns = new int[n];
        tiles = Warp.perWarp(n);
        int x = launch.local(0);
        int y = launch.local(1);
        for (int i = 0; i < n; i++) {
            items[i] = new WorkItem(this, i, new int[] {i % x, i / x % y, i / (x * y)});
        }
    }

    int id(int dimension) {
        return id[dimension];
    }

    /// Runs group number `number` from its first item to its last barrier.
    void run(int number, Schedule schedule) {
        linear = number;
        id[0] = number % launch.groups(0);
        id[1] = number / launch.groups(0) % launch.groups(1);
        id[2] = number / (launch.groups(0) * launch.groups(1));
        Arrays.fill(states, NEW);
        locals.beginGroup();
        privates.beginGroup();
        stamp = launch.tick();
        start = stamp;
        localSince = stamp;
        globalSince = stamp;
        schedule.fill(turns, number);
        next = 0;
        while (next < items.length) {
            Fiber fiber = idle.isEmpty() ? new Fiber(this::work) : idle.pop();
            resume(fiber);
        }
        int phase = 1;
        while (endPhase()) {
            nextPhase();
            schedule.fill(turns, number * 31L + phase++);
            for (int turn : turns) {
                enter(turn);
                items[turn].warp().beginPhase();
                states[turn] = NEW;
                resume(fibers[turn]);
            }
        }
        for (WorkItem each : items) {
            locals.checkAllocations(each);
        }
    }

    private void nextPhase() {
        stamp = launch.tick();
        if (fences[0] == Fence.LOCAL) {
            localSince = stamp;
            localLine = lines[0];
        } else {
            globalSince = stamp;
            globalLine = lines[0];
        }
    }

    private void resume(Fiber fiber) {
        fiber.run();
        if (states[item] == ENDED) {
            idle.push(fiber);
        } else {
            fibers[item] = fiber;
        }
        if (failure != null) {
            throw launch.explain(failure, this);
        }
    }

    /// The endless body of a fiber: items that have not begun, each to its end.
    private void work() {
        while (failure == null) {
            while (next < items.length && failure == null) {
                enter(turns[next++]);
                try {
                    launch.call(items[item].begin());
                } catch (Throwable e) {
                    failure = e;
                }
                states[item] = ENDED;
            }
            Fiber.pause();
        }
    }

    void enter(int number) {
        item = number;
        mark = Mark.of(stamp, number);
    }

    /// The current item's accesses are steps that may meet other atomic ones, up to [#enter].
    void enterAtomic() {
        mark = Mark.of(stamp, Mark.ATOMIC);
    }

    void barrier(WorkItem waiting, Fence fence) {
        states[waiting.linear] = WAITING;
        fences[waiting.linear] = fence;
        Fiber.pause();
    }

    void site(int number, int line) {
        sites[item] = number;
        lines[item] = line;
    }

    /// Checks that the items agree; true if they all wait and have to go on.
    private boolean endPhase() {
        int first = turns[0];
        for (int i = 0; i < items.length; i++) {
            boolean agree = states[i] == states[first]
                    && (states[i] == ENDED || sites[i] == sites[first] && fences[i] == fences[first]);
            if (!agree) {
                int waiting = states[i] == WAITING ? i : first;
                int other = waiting == i ? first : i;
                throw new KernelFault(Fault.DIVERGENT_BARRIER, place(waiting, null, -1),
                        "it waits at the barrier" + line(waiting) + " while item " + other
                                + (states[other] == ENDED ? " has ended"
                                        : " waits at the one" + line(other)));
            }
            if (items[i].warp().loads() != tiles.get(items[i].local(0) / 32).size()) {
                throw new KernelFault(Fault.DIVERGENT_WARP, place(i, null, -1),
                        "it loads fewer fragments than other lanes of its warp");
            }
        }
        tiles.forEach(List::clear);
        return states[first] == WAITING;
    }

    private String line(int waiting) {
        return lines[waiting] == 0 ? "" : " of line " + lines[waiting];
    }

    /// Two items met on one element without an order between them. Of a barrier that all waited at, and
    /// that orders only the other memory, the reason tells.
    ///
    /// @param memory which one the element lies in
    /// @param mark   of the earlier access
    KernelFault race(Fence memory, Place place, String what, long mark) {
        if (Mark.stamp(mark) == stamp) {
            return new KernelFault(memory == Fence.LOCAL ? Fault.LOCAL_RACE : Fault.GLOBAL_RACE, place,
                    what + Mark.item(mark) + " with no barrier between");
        }
        Fence other = memory == Fence.LOCAL ? Fence.GLOBAL : Fence.LOCAL;
        int line = memory == Fence.LOCAL ? globalLine : localLine;
        return new KernelFault(Fault.WRONG_FENCE, place, what + Mark.item(mark) + ", and the barrier between"
                + (line == 0 ? "" : ", of line " + line + ",") + " orders " + other + " memory, not " + memory);
    }

    List<Tile> tiles(int warp) {
        return tiles.get(warp);
    }

    Place place(int atItem, String buffer, long index) {
        return new Place(launch.name(), linear, atItem, buffer, index);
    }
}
