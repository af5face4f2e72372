package seer.model.backend.tornado.device;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/// A device's memory in [Bank]s: as many as fit, taken when an arena asks and given back when it closes. No bank moves.
final class Memory {
    /// Least elements of a bank: 4 MiB of floats, and less where every element is watched.
    private static final int SMALLEST = 1 << 20;
    private static final int SIMULATED = 1 << 16;
    /// Banks without memory that are kept for the next one of their size: a graph is compiled for each.
    private static final int PARKED = 16;

    private final Budget budget;
    private final Plan plan;
    private final Supplier<String> names;
    private final int smallest;
    private final int largest;
    private final BiConsumer<Bank, Bank> leave;
    private final Set<Bank> banks = new LinkedHashSet<>(); // with memory
    private final Deque<Bank> parked = new ArrayDeque<>(); // without, oldest first
    private final Map<Kind, Bank> nowhere = new EnumMap<>(Kind.class); // for slots that have nothing to point to

    /// @param names   of graphs, never used before
    /// @param largest elements of a bank at most
    /// @param leave   makes every slot that points to the first bank point to the second
    Memory(Budget budget, Plan plan, Supplier<String> names, boolean simulated, int largest,
           BiConsumer<Bank, Bank> leave) {
        this.budget = budget;
        this.plan = plan;
        this.names = names;
        this.smallest = simulated ? SIMULATED : SMALLEST;
        this.largest = largest / Regions.ALIGN * Regions.ALIGN;
        this.leave = leave;
    }

    /// Elements that a stretch can have.
    int longest() {
        return largest - Bank.HEAD;
    }

    /// Whether a bank with room for a stretch of so many elements can be taken.
    boolean fits(Kind kind, int elements) {
        return (long) kind.bytes() * (Regions.aligned(elements) + Bank.HEAD) <= budget.left();
    }

    /// A bank with room for a stretch of `least` elements; of `wanted` if the device has them.
    ///
    /// @param owner whose it is to be, as an error names it
    Bank take(Kind kind, int least, long wanted, String owner) {
        int needed = Regions.aligned(least) + Bank.HEAD;
        long size = Math.max(needed, Math.max(wanted + Bank.HEAD, smallest));
        size = Math.max(needed, Math.min(size, Math.min(largest, budget.left() / kind.bytes())));
        int aligned = (int) (size / Regions.ALIGN) * Regions.ALIGN;
        Bank bank = unpark(kind, needed, aligned);
        budget.take((long) kind.bytes() * (bank == null ? aligned : bank.size()), owner);
        if (bank == null) {
            bank = new Bank(kind, aligned, names.get());
            plan.add(bank.graph(), Map.of());
        }
        try {
            Bank taken = bank;
            Failures.explain(taken::take);
        } catch (RuntimeException e) {
            budget.give(bank.bytes());
            plan.remove(bank.graph());
            throw e;
        }
        banks.add(bank);
        return bank;
    }

    /// One of those that were given back, if it is large enough and not much larger than wanted.
    private Bank unpark(Kind kind, int least, int wanted) {
        Bank best = null;
        for (Bank bank : parked) {
            if (bank.kind() == kind && bank.size() >= least && bank.size() <= wanted + wanted / 4L
                    && bank.bytes() <= budget.left() && (best == null || bank.size() < best.size())) {
                best = bank;
            }
        }
        if (best != null) {
            parked.remove(best);
        }
        return best;
    }

    /// Gives a bank's memory back.
    ///
    /// No slot may be left pointing there: when TornadoVM frees a graph it frees what the graph's buffers point to, and
    /// by then another bank may lie at that address.
    void give(Bank bank) {
        if (!banks.remove(bank)) {
            return;
        }
        leave.accept(bank, nowhere(bank.kind()));
        bank.free();
        budget.give(bank.bytes());
        parked.addLast(bank);
        if (parked.size() > PARKED) {
            Bank oldest = parked.removeFirst();
            plan.remove(oldest.graph());
            oldest.discard();
        }
    }

    private Bank nowhere(Kind kind) {
        return nowhere.computeIfAbsent(kind, each -> {
            var bank = new Bank(each, 2 * Bank.HEAD, names.get());
            bank.take();
            plan.add(bank.graph(), Map.of());
            return bank;
        });
    }

    /// Bytes of all banks.
    long bytes() {
        return banks.stream().mapToLong(Bank::bytes).sum();
    }

    /// Gives all banks back.
    void close() {
        for (Bank bank : Set.copyOf(banks)) {
            give(bank);
        }
    }
}
