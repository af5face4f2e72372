package seer.sim;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

import seer.sim.KernelFault.Place;

/// The items of one group, one after the other on one thread.
///
/// An item runs until it ends or waits at a barrier; when all have been there, a phase is over,
/// and either all wait at one barrier or all have ended. What came before the barrier is then in order
/// with what comes after it, in the memory that its [Fence] names and in no other. Items that never
/// wait share a single [Fiber], so a kernel without barriers costs no switch at all. The object serves
/// all groups of its rank in a [Cluster] that its thread runs, one after another.
///
/// Within a phase, items may also wait for the lanes of their warp ([Meeting]), for copies
/// ([CopyBarrier]) or for their cluster; those who can go on do, one after the other, until nobody can. If some
/// then still wait for what does not come, that is a fault ([Standstill]).
final class WorkGroup {

    /// What an item is at: under way, ready to go on, waiting for its warp, for copies, at a barrier; or it has ended;
    /// or it waits for its cluster.
    static final byte RUNNING = 0;
    static final byte READY = 1;
    static final byte MEETING = 2;
    static final byte AWAITING = 3;
    static final byte WAITING = 4;
    static final byte ENDED = 5;
    static final byte GATHERING = 6;

    final Launch launch;
    final Cluster cluster;
    final int rank;
    final LocalMemory locals;
    final PrivateArrays privates;
    final CopyBarriers copyBarriers;
    final Collectives collectives;
    /// Who knows what of local memory, if barriers do not tell it all; else null.
    final Order order;

    /// First stamp of the launch's current run, of this group, and of its current phase.
    int launchStart;
    int start;
    int stamp;
    /// First stamps since the last barrier that put local, and global, memory in order.
    int localSince;
    int globalSince;
    /// First stamp since the cluster met, or since it began.
    int clusterSince;
    /// Linear number of the item that runs, and its mark in the current phase.
    int item;
    long mark;

    /// The access that comes next is one of a helper.
    boolean inHelper;

    private final WorkItem[] items;
    private final byte[] states;
    private final String[] waits;
    private final Fence[] fences;
    private final int[] sites;
    private final int[] lines;
    private final Fiber[] fibers;
    private final int[] queue; // the items, as the schedule orders them
    private final List<List<Tile>> tiles;
    private final Deque<Fiber> idle = new ArrayDeque<>();
    private final int[] id = new int[3];
    private int linear;
    private int next;
    private Throwable failure;
    private Schedule schedule;
    private int phase;
    private boolean over;
    /// Lines of the last barriers of either kind.
    private int localLine;
    private int globalLine;

    WorkGroup(Launch launch, Cluster cluster, int rank, int size) {
        this.launch = launch;
        this.cluster = cluster;
        this.rank = rank;
        this.locals = new LocalMemory(this, launch.watched());
        this.privates = new PrivateArrays(this);
        this.copyBarriers = new CopyBarriers(this);
        int n = launch.groupSize();
        this.order = launch.ordersByOperations() ? new Order(this, n, rank, size) : null;
        waits = new String[n];
        collectives = new Collectives(this, n);
        items = new WorkItem[n];
        states = new byte[n];
        fences = new Fence[n];
        sites = new int[n];
        lines = new int[n];
        fibers = new Fiber[n];
        queue = new int[n];
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

    /// Prepares for group number `number`.
    ///
    /// @param first first stamp of its cluster
    void begin(int number, int launchStart, int first, Schedule schedule) {
        this.schedule = schedule;
        this.launchStart = launchStart;
        linear = number;
        id[0] = number % launch.groups(0);
        id[1] = number / launch.groups(0) % launch.groups(1);
        id[2] = number / (launch.groups(0) * launch.groups(1));
        Arrays.fill(states, RUNNING);
        inHelper = false;
        locals.beginGroup();
        privates.beginGroup();
        start = first;
        met(first);
        beginOperations();
        schedule.fill(queue, number);
        next = 0;
        phase = 1;
        over = false;
    }

    /// Goes on until all items have ended, or some wait for what another group of the cluster may bring.
    ///
    /// @return false if none could
    boolean advance() {
        boolean moved = next < items.length;
        while (next < items.length) {
            Fiber fiber = idle.isEmpty() ? new Fiber(this::work) : idle.pop();
            resume(fiber);
        }
        while (!over) {
            moved |= settle();
            for (byte state : states) {
                if (isSuspended(state)) {
                    return moved;
                }
            }
            moved = true;
            goOn();
        }
        return moved;
    }

    /// From one phase into the next, or to the end.
    private void goOn() {
        collectives.endPhase();
        if (!endPhase()) {
            for (WorkItem each : items) {
                locals.checkAllocations(each);
            }
            endOperations();
            over = true;
            return;
        }
        nextPhase();
        schedule.fill(queue, linear * 31L + phase++);
        for (int item : queue) {
            enter(item);
            items[item].warp().beginPhase();
            states[item] = RUNNING;
            resume(fibers[item]);
        }
    }

    /// Nobody in the cluster can go on.
    void requireEnded() {
        if (!over) {
            Standstill.check(this, states, waits);
        }
    }

    boolean isOver() {
        return over;
    }

    /// True for an item that waits for what others do.
    static boolean isSuspended(byte state) {
        return state == MEETING || state == AWAITING || state == GATHERING;
    }

    private void beginOperations() {
        copyBarriers.beginGroup();
        if (order != null) {
            order.beginGroup(stamp);
        }
        collectives.beginGroup();
    }

    /// What goes on beside the items has to be over when they are.
    private void endOperations() {
        copyBarriers.endGroup();
        if (order != null) {
            order.requireVisitsKnown();
        }
        collectives.endGroup();
        for (WorkItem each : items) {
            if (each.copies().areUnderWay()) {
                throw new KernelFault(Fault.UNAWAITED_COPY, place(each.linear, null, -1),
                        "it has ended without waiting for its copies");
            }
        }
    }

    /// Lets items that can go on do so, one after the other, until there are none; false if there was none.
    private boolean settle() {
        boolean any = false;
        for (boolean moved = true; moved;) {
            moved = false;
            for (int item : queue) {
                if (states[item] == READY) {
                    moved = true;
                    any = true;
                    enter(item);
                    states[item] = RUNNING;
                    resume(fibers[item]);
                }
            }
        }
        return any;
    }

    /// All items of the cluster have met.
    void met(int now) {
        stamp = now;
        localSince = now;
        globalSince = now;
        clusterSince = now;
        wake(GATHERING, 0, states.length);
    }

    /// The current item waits for others; [#wake] and [#wakeWaiting] let it go on.
    void sleep(byte state, String what) {
        states[item] = state;
        waits[item] = what;
        Fiber.pause();
    }

    /// Lanes whose meeting is over go on.
    void wake(int first, int count) {
        wake(MEETING, first, count);
    }

    /// A phase of some copy barrier is over: who waits for one looks again.
    void wakeWaiting() {
        wake(AWAITING, 0, states.length);
    }

    private void wake(byte state, int first, int count) {
        for (int i = first; i < first + count; i++) {
            states[i] = states[i] == state ? READY : states[i];
        }
    }

    WorkItem current() {
        return items[item];
    }

    private void nextPhase() {
        stamp = launch.tick();
        if (order != null) {
            order.phase(stamp, fences[0]);
        }
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
                enter(queue[next++]);
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
        mark = order == null ? Mark.of(stamp, number) : order.mark(number);
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

    int site() {
        return sites[item];
    }

    void site(int number, int line) {
        sites[item] = number;
        lines[item] = line;
    }

    /// Checks that the items agree; true if they all wait and have to go on.
    private boolean endPhase() {
        int first = queue[0];
        for (int i = 0; i < items.length; i++) {
            boolean agree = states[i] == states[first]
                    && (states[i] == ENDED || sites[i] == sites[first] && fences[i] == fences[first]);
            if (!agree) {
                throw Standstill.divergent(this, states, states[i] == WAITING ? i : first, i, first);
            }
            if (items[i].warp().loads() != tiles.get(items[i].local(0) / 32).size()) {
                throw new KernelFault(Fault.DIVERGENT_WARP, place(i, null, -1),
                        "it loads fewer fragments than other lanes of its warp");
            }
        }
        tiles.forEach(List::clear);
        return states[first] == WAITING;
    }

    String line(int waiting) {
        return lines[waiting] == 0 ? "" : " of line " + lines[waiting];
    }

    /// Two items met on one element without an order between them. Of a barrier that all waited at, and
    /// that orders only the other memory, the reason tells.
    ///
    /// @param memory which one the element lies in
    /// @param mark   of the earlier access
    KernelFault race(Fence memory, Place place, String what, long mark) {
        if (Mark.stamp(mark) >= stamp) {
            return new KernelFault(memory == Fence.LOCAL ? Fault.LOCAL_RACE : Fault.GLOBAL_RACE, place,
                    what + name(mark) + " with no barrier between");
        }
        Fence other = memory == Fence.LOCAL ? Fence.GLOBAL : Fence.LOCAL;
        int line = memory == Fence.LOCAL ? globalLine : localLine;
        return new KernelFault(Fault.WRONG_FENCE, place, what + name(mark) + ", and the barrier between"
                + (line == 0 ? "" : ", of line " + line + ",") + " orders " + other + " memory, not " + memory);
    }

    /// Who it was, in words.
    String name(long mark) {
        return order == null ? Mark.item(mark) : order.name(Mark.agent(mark));
    }

    /// What stays to be known of accesses by other groups.
    long foreign(long last) {
        long before = Mark.foreign(last, launchStart, start);
        boolean other = order != null && Mark.stamp(last) >= start && order.isOther(Mark.agent(last));
        return other ? before | Mark.FOREIGN : before;
    }

    /// A fault at an element of local memory, made by the current item.
    KernelFault fault(Fault fault, Object array, long index, String reason) {
        return new KernelFault(fault, locals.place(array, index), reason);
    }

    List<Tile> tiles(int warp) {
        return tiles.get(warp);
    }

    Place place(int atItem, String buffer, long index) {
        return new Place(launch.name(), linear, atItem, buffer, index);
    }
}
