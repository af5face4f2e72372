package seer.sim;

import java.util.Arrays;

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
final class Order {

    private final WorkGroup group;
    private final int items;
    private final int products;
    /// By item: its stamp; what it knows of each agent, where that is more than everybody does; since which barrier.
    private final int[] now;
    private final int[][] seen;
    private final int[] learnt;
    private int barriers;
    /// What everybody knows of agents that are no items.
    private int[] known;
    /// By item: the stamps at which it published what it had written before.
    private final int[][] published;

    Order(WorkGroup group, int items) {
        this.group = group;
        this.items = items;
        this.products = (items + Meeting.LANES - 1) / Meeting.LANES;
        now = new int[items];
        seen = new int[items][];
        learnt = new int[items];
        published = new int[items][];
        known = new int[products + 16];
    }

    void beginGroup(int stamp) {
        Arrays.fill(now, stamp);
        Arrays.fill(known, 0);
        Arrays.fill(published, null);
        barriers++;
    }

    /// All items waited at a barrier of the group.
    void phase(int stamp, Fence fence) {
        Arrays.fill(now, stamp);
        if (fence == Fence.LOCAL) {
            for (int i = 0; i < items; i++) {
                for (int agent = items; learnt[i] == barriers && agent < seen[i].length; agent++) {
                    known(agent - items, seen[i][agent]);
                }
            }
            barriers++;
        }
    }

    private void known(int slot, int stamp) {
        if (slot >= known.length) {
            known = Arrays.copyOf(known, slot + 16);
        }
        known[slot] = Math.max(known[slot], stamp);
    }

    /// The tensor cores of a warp.
    int products(int firstItem) {
        return items + firstItem / Meeting.LANES;
    }

    /// The copy engine, as far as it reports to the copy barrier with this number.
    int copies(int barrier) {
        return items + products + barrier;
    }

    boolean isItem(int agent) {
        return agent < items || agent >= Mark.ATOMIC;
    }

    boolean isCopies(int agent) {
        return agent >= items + products && agent < Mark.ATOMIC;
    }

    int now(int item) {
        return now[item];
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
        if (agent == item || isItem(agent) && stamp < group.localSince) {
            return true;
        }
        return agent < Mark.ATOMIC && knows(item, agent) >= stamp;
    }

    private int knows(int item, int agent) {
        int own = learnt[item] == barriers && agent < seen[item].length ? seen[item][agent] : 0;
        int slot = agent - items;
        return slot < 0 || slot >= known.length ? own : Math.max(own, known[slot]);
    }

    /// Adds to `clock` what the item knows, its own deeds included, and returns it, larger if need be.
    int[] release(int item, int[] clock) {
        int[] sum = Arrays.copyOf(clock, Math.max(clock.length, items + known.length));
        for (int agent = 0; agent < sum.length; agent++) {
            sum[agent] = Math.max(sum[agent], knows(item, agent));
        }
        sum[item] = Math.max(sum[item], now[item]);
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

    private int[] own(int item, int size) {
        int wanted = Math.max(size, items + known.length);
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

    /// True if what `mark`'s item wrote has been published, and `item` knows it.
    boolean published(long mark, int item) {
        int writer = Mark.agent(mark);
        int[] stamps = writer < items ? published[writer] : null;
        for (int i = 0; stamps != null && i < stamps.length; i++) {
            if (stamps[i] >= Mark.stamp(mark)) {
                return ordered(Mark.of(stamps[i], writer), item);
            }
        }
        return false;
    }

    /// An agent, as it is called in messages.
    String name(int agent) {
        if (isItem(agent)) {
            return Mark.item(agent);
        }
        if (isCopies(agent)) {
            return "the copy engine";
        }
        int first = (agent - items) * Meeting.LANES;
        return "the products of items " + first + " to " + (first + Meeting.LANES - 1);
    }
}
