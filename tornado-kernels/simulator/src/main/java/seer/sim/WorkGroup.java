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
/// all groups that its thread runs, one after another.
///
/// Within a phase, items may also wait for the lanes of their warp ([Meeting]) or for copies
/// ([CopyBarrier]); those who can go on do, one after the other, until nobody can. If some then still wait
/// for what does not come, that is a fault ([Standstill]).
final class WorkGroup {

    /// What an item is at: under way, ready to go on, waiting for its warp, for copies, at a barrier; or it has ended.
    static final byte RUNNING = 0;
    static final byte READY = 1;
    static final byte MEETING = 2;
    static final byte AWAITING = 3;
    static final byte WAITING = 4;
    static final byte ENDED = 5;

    final Launch launch;
    final LocalMemory locals;
    final PrivateArrays privates;
    final CopyBarriers copyBarriers;
    /// Who knows what of local memory, if barriers do not tell it all; else null.
    final Order order;

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

    /// The access that comes next is one of a helper.
    boolean inHelper;

    private final WorkItem[] items;
    private final byte[] states;
    private final String[] waits;
    private final Meeting[] meetings;
    private final Products[] products;
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
    /// Lines of the last barriers of either kind.
    private int localLine;
    private int globalLine;

    WorkGroup(Launch launch) {
        this.launch = launch;
        this.locals = new LocalMemory(this, launch.watched());
        this.privates = new PrivateArrays(this);
        this.copyBarriers = new CopyBarriers(this);
        int n = launch.groupSize();
        this.order = launch.ordersByOperations() ? new Order(this, n) : null;
        waits = new String[n];
        meetings = new Meeting[n / Meeting.LANES];
        products = new Products[n / Products.ITEMS];
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

    /// Runs group number `number` from its first item to its last barrier.
    void run(int number, Schedule schedule) {
        linear = number;
        id[0] = number % launch.groups(0);
        id[1] = number / launch.groups(0) % launch.groups(1);
        id[2] = number / (launch.groups(0) * launch.groups(1));
        Arrays.fill(states, RUNNING);
        inHelper = false;
        locals.beginGroup();
        privates.beginGroup();
        stamp = launch.tick();
        start = stamp;
        localSince = stamp;
        globalSince = stamp;
        beginOperations();
        schedule.fill(queue, number);
        next = 0;
        while (next < items.length) {
            Fiber fiber = idle.isEmpty() ? new Fiber(this::work) : idle.pop();
            resume(fiber);
        }
        settle();
        int phase = 1;
        while (endPhase()) {
            nextPhase();
            schedule.fill(queue, number * 31L + phase++);
            for (int item : queue) {
                enter(item);
                items[item].warp().beginPhase();
                states[item] = RUNNING;
                resume(fibers[item]);
            }
            settle();
        }
        for (WorkItem each : items) {
            locals.checkAllocations(each);
        }
        endOperations();
    }

    private void beginOperations() {
        copyBarriers.beginGroup();
        if (order != null) {
            order.beginGroup(stamp);
        }
        for (Meeting meeting : meetings) {
            if (meeting != null) {
                meeting.beginGroup();
            }
        }
        for (Products each : products) {
            if (each != null) {
                each.beginGroup();
            }
        }
    }

    /// What goes on beside the items has to be over when they are.
    private void endOperations() {
        copyBarriers.endGroup();
        for (Products each : products) {
            if (each != null) {
                each.endGroup();
            }
        }
        for (WorkItem each : items) {
            if (each.copies().areUnderWay()) {
                throw new KernelFault(Fault.UNAWAITED_COPY, place(each.linear, null, -1),
                        "it has ended without waiting for its copies");
            }
        }
    }

    /// Lets items that can go on do so, one after the other, until there are none.
    private void settle() {
        for (boolean moved = true; moved;) {
            moved = false;
            for (int item : queue) {
                if (states[item] == READY) {
                    moved = true;
                    enter(item);
                    states[item] = RUNNING;
                    resume(fibers[item]);
                }
            }
        }
        Standstill.check(this, states, waits);
        for (Products each : products) {
            if (each != null) {
                each.endPhase();
            }
        }
    }

    /// The current item waits for others; [#wake] and [#wakeWaiting] let it go on.
    void sleep(byte state, String what) {
        states[item] = state;
        waits[item] = what;
        Fiber.pause();
    }

    /// Lanes whose meeting is over go on.
    void wake(int first, int count) {
        for (int i = first; i < first + count; i++) {
            if (states[i] == MEETING) {
                states[i] = READY;
            }
        }
    }

    /// A phase of some copy barrier is over: who waits for one looks again.
    void wakeWaiting() {
        for (int i = 0; i < states.length; i++) {
            if (states[i] == AWAITING) {
                states[i] = READY;
            }
        }
    }

    /// That of the current item's warp.
    Meeting meeting() {
        int warp = item / Meeting.LANES;
        if (warp >= meetings.length) {
            throw new KernelFault(Fault.DIVERGENT_WARP, place(item, null, -1), "its warp has only "
                    + items.length % Meeting.LANES + " lanes, and an operation wants 32");
        }
        if (meetings[warp] == null) {
            meetings[warp] = new Meeting(this, warp * Meeting.LANES);
        }
        return meetings[warp];
    }

    /// Those of the current item and its 127 neighbours.
    Products products() {
        int number = item / Products.ITEMS;
        if (number >= products.length) {
            throw new KernelFault(Fault.DIVERGENT_WARP, place(item, null, -1), "it is one of "
                    + items.length % Products.ITEMS + " items, and an operation wants 128");
        }
        if (products[number] == null) {
            products[number] = new Products(this, number * Products.ITEMS, launch.watched());
        }
        return products[number];
    }

    /// The current item's registers, if products may be under way, else null.
    Registers registers() {
        int number = item / Products.ITEMS;
        return number >= products.length || products[number] == null ? null : products[number].registers();
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
        mark = Mark.of(order == null ? stamp : order.now(number), number);
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
                    what + Mark.item(mark) + " with no barrier between");
        }
        Fence other = memory == Fence.LOCAL ? Fence.GLOBAL : Fence.LOCAL;
        int line = memory == Fence.LOCAL ? globalLine : localLine;
        return new KernelFault(Fault.WRONG_FENCE, place, what + Mark.item(mark) + ", and the barrier between"
                + (line == 0 ? "" : ", of line " + line + ",") + " orders " + other + " memory, not " + memory);
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
