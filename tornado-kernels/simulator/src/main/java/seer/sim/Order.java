package seer.sim;

import java.util.Arrays;
import java.util.List;

/// What of local memory each item of a group has seen done, in kernels whose order does not come from the group's
/// barriers alone: vector clocks, with the stamps of [Mark] for time.
///
/// Each item has a stamp of its own, which grows whenever others may learn of what it did. It knows of another one's
/// deeds up to some stamp: at a barrier of the whole group everyone learns everything (`localSince`, as in kernels
/// without these operations), at a copy barrier ([CopyBarriers]) who waits learns what those knew who arrived. Besides
/// items there are other **agents**, whose deeds have their stamps too: the tensor cores as far as they work for one
/// warp, and the copy engine as far as it reports to one copy barrier. Theirs are known to who waited for them, and to
/// nobody by itself.
///
/// ```text
///   agents   0 ... items - 1 | one for each warp | one for each copy barrier ...
/// ```
/// Groups of a cluster reach each other's local memory. So they number their agents in turns, group `r` of `n` has
/// `r, n + r, 2 n + r ...`, and know of each other's by the same clocks. What everybody in one group has learnt at its
/// barrier, the others know only from a meeting of the cluster, or by a clock.
final class Order {

    private final WorkGroup group;
    private final int items;
    private final int products;
    /// The group's rank among so many of its cluster; first agent that is no item of it.
    private final int rank;
    private final int size;
    private final int behindItems;
    /// By item: its stamp; what it knows of each agent, where that is more than everybody does; since which barrier.
    private final int[] now;
    private final int[][] seen;
    private final int[] learnt;
    private int barriers;
    /// What everybody knows of agents that are no items.
    private int[] known;
    /// By agent of another group: the stamp at which it last arrived here.
    private int[] visits = {};
    /// By item: the stamps at which it published what it had written before.
    private final int[][] published;

    Order(WorkGroup group, int items, int rank, int size) {
        this.group = group;
        this.items = items;
        this.rank = rank;
        this.size = size;
        behindItems = items * size;
        this.products = (items + Meeting.LANES - 1) / Meeting.LANES;
        now = new int[items];
        seen = new int[items][];
        learnt = new int[items];
        published = new int[items][];
        known = new int[(products + 16) * size];
    }

    void beginGroup(int stamp) {
        Arrays.fill(now, stamp);
        Arrays.fill(known, 0);
        Arrays.fill(published, null);
        Arrays.fill(visits, 0);
        barriers++;
    }

    /// All items waited at a barrier of the group.
    void phase(int stamp, Fence fence) {
        Arrays.fill(now, stamp);
        if (fence == Fence.LOCAL) {
            gatherInto(this);
            barriers++;
        }
    }

    /// All items of the cluster met.
    static void meeting(List<Order> orders, int stamp) {
        for (Order from : orders) {
            for (Order to : orders) {
                from.gatherInto(to);
            }
        }
        for (Order each : orders) {
            Arrays.fill(each.now, stamp);
            each.barriers++;
        }
    }

    /// What some item of the group knows of agents that are no items, everybody in `to` knows.
    private void gatherInto(Order to) {
        for (int slot = 0; to != this && slot < known.length; slot++) {
            to.known(slot, known[slot]);
        }
        for (int i = 0; i < items; i++) {
            for (int agent = behindItems; learnt[i] == barriers && agent < seen[i].length; agent++) {
                to.known(agent - behindItems, seen[i][agent]);
            }
        }
    }

    private void known(int slot, int stamp) {
        if (slot >= known.length) {
            known = Arrays.copyOf(known, slot + 16 * size);
        }
        known[slot] = Math.max(known[slot], stamp);
    }

    /// An item of the group.
    int agent(int item) {
        return item * size + rank;
    }

    /// The tensor cores of a warp.
    int products(int firstItem) {
        return agent(items + firstItem / Meeting.LANES);
    }

    /// The copy engine, as far as it reports to the copy barrier with this number.
    int copies(int barrier) {
        return agent(items + products + barrier);
    }

    boolean isItem(int agent) {
        return agent < behindItems || agent >= Mark.ATOMIC;
    }

    boolean isCopies(int agent) {
        return agent >= behindItems + products * size && agent < Mark.ATOMIC;
    }

    /// What an item does now.
    long mark(int item) {
        return Mark.of(now[item], agent(item));
    }

    /// True of an item, or of several, in another group of the cluster.
    boolean isOther(int agent) {
        return agent >= Mark.MANY ? agent != Mark.MANY + rank : agent != Mark.ATOMIC && agent % size != rank;
    }

    /// What the item does from now on, nobody knows who learnt from it before.
    void tick(int item) {
        now[item] = group.launch.tick();
        group.enter(group.item);
    }

    /// True if what `mark` stands for was over, and the item knows it.
    boolean ordered(long mark, int item) {
        int agent = Mark.agent(mark);
        int stamp = Mark.stamp(mark);
        if (agent == agent(item) || isItem(agent) && stamp < since(agent)) {
            return true;
        }
        return agent < Mark.ATOMIC && knows(item, agent) >= stamp;
    }

    /// Everybody knows what an item did before.
    private int since(int agent) {
        return isOther(agent) ? group.clusterSince : group.localSince;
    }

    private int knows(int item, int agent) {
        int own = learnt[item] == barriers && agent < seen[item].length ? seen[item][agent] : 0;
        int slot = agent - behindItems;
        return slot < 0 || slot >= known.length ? own : Math.max(own, known[slot]);
    }

    /// Adds to `clock` what the item knows, its own deeds included, and returns it, larger if need be.
    int[] release(int item, int[] clock) {
        int[] sum = Arrays.copyOf(clock, Math.max(clock.length, behindItems + known.length));
        for (int agent = 0; agent < sum.length; agent++) {
            sum[agent] = Math.max(sum[agent], knows(item, agent));
        }
        for (int agent = 0; size > 1 && agent < behindItems; agent++) {
            sum[agent] = Math.max(sum[agent], since(agent) - 1);
        }
        sum[agent(item)] = Math.max(sum[agent(item)], now[item]);
        tick(item);
        return sum;
    }

    /// `clock` and what an agent did up to a stamp, larger if need be.
    int[] with(int[] clock, int agent, int stamp) {
        int[] sum = agent < clock.length ? clock : Arrays.copyOf(clock, agent + 1);
        sum[agent] = Math.max(sum[agent], stamp);
        return sum;
    }

    /// The item learns what is in `clock`.
    void acquire(int item, int[] clock) {
        int[] own = own(item, clock.length);
        for (int agent = 0; agent < clock.length; agent++) {
            own[agent] = Math.max(own[agent], clock[agent]);
        }
    }

    /// The item learns what another agent did up to a stamp.
    void saw(int item, int agent, int stamp) {
        int[] own = own(item, agent + 1);
        own[agent] = Math.max(own[agent], stamp);
    }

    private int[] own(int item, int agents) {
        int wanted = Math.max(agents, behindItems + known.length);
        if (seen[item] == null) {
            seen[item] = new int[wanted];
        } else if (learnt[item] != barriers) {
            Arrays.fill(seen[item], 0);
        }
        if (seen[item].length < wanted) {
            seen[item] = Arrays.copyOf(seen[item], wanted);
        }
        learnt[item] = barriers;
        return seen[item];
    }

    /// What the item has written is meant for tensor cores and copy engine from now on.
    void publish(int item) {
        int[] before = published[item];
        int count = before == null ? 0 : before.length;
        int[] stamps = before == null ? new int[1] : Arrays.copyOf(before, count + 1);
        stamps[count] = now[item];
        published[item] = stamps;
        tick(item);
    }

    /// True if what `mark`'s item, of this group, wrote has been published, and an item knows it.
    ///
    /// @param of its group's
    boolean published(long mark, Order of, int item) {
        int writer = Mark.agent(mark);
        int[] stamps = writer < behindItems ? published[writer / size] : null;
        for (int i = 0; stamps != null && i < stamps.length; i++) {
            if (stamps[i] >= Mark.stamp(mark)) {
                return of.ordered(Mark.of(stamps[i], writer), item);
            }
        }
        return false;
    }

    /// An item of another group arrives at a barrier of this one.
    void visit(Order from, int item) {
        int agent = from.agent(item);
        if (agent >= visits.length) {
            visits = Arrays.copyOf(visits, behindItems);
        }
        visits[agent] = from.now[item];
    }

    /// The group has ended: somebody in it has to know of all who arrived here.
    void requireVisitsKnown() {
        for (int agent = 0; agent < visits.length; agent++) {
            boolean known = visits[agent] < group.clusterSince;
            for (int item = 0; !known && item < items; item++) {
                known = knows(item, agent) >= visits[agent];
            }
            if (!known) {
                throw new KernelFault(Fault.GROUP_LEFT, group.place(-1, null, -1), "it has ended without learning that "
                        + name(agent) + " arrives at a barrier in its local memory no more");
            }
        }
    }

    /// An agent, as it is called in messages.
    String name(int agent) {
        if (agent >= Mark.ATOMIC) {
            return Mark.item(agent);
        }
        if (isCopies(agent)) {
            return "the copy engine";
        }
        String whose = size == 1 ? "" : " of the group of rank " + agent % size;
        if (isItem(agent)) {
            return Mark.item(agent / size) + whose;
        }
        int first = (agent / size - items) * Meeting.LANES;
        return "the products of items " + first + " to " + (first + Meeting.LANES - 1) + whose;
    }
}
