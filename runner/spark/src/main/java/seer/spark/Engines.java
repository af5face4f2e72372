package seer.spark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;

/// The open models of this JVM.
///
/// Tasks come and go, and Spark hands them nothing that lives as long as their executor: so this is the one place that
/// is found by its name. Another model on the same device closes those that no task uses, as a change of settings
/// should not fill the memory with what was set before.
public final class Engines {
    private static final Engines OF_THIS_JVM = new Engines();

    private final Map<Key, Entry> open = new HashMap<>();

    private Engines() { }

    private record Key(Place place, String device) { }

    private static final class Entry {
        private Engine engine;
        private boolean opening = true;
        private int users;
    }

    /// A task's use of an engine, until it is closed.
    static final class Lease implements AutoCloseable {
        private final Entry entry;

        private Lease(Entry entry) {
            this.entry = entry;
        }

        Engine engine() {
            return entry.engine;
        }

        @Override
        public void close() {
            synchronized (OF_THIS_JVM) {
                entry.users--;
            }
        }
    }

    /// The engine for a task, opened by the first that asks.
    ///
    /// @param task null where it is asked for outside of tasks
    static Lease lease(Place place, TaskContext task) throws InterruptedException {
        String device = Slots.device(place, task);
        return OF_THIS_JVM.take(new Key(place, device));
    }

    private Lease take(Key key) throws InterruptedException {
        Entry entry;
        synchronized (this) {
            entry = usable(key);
            if (entry != null) {
                entry.users++;
                return new Lease(entry);
            }
            closeIdle(key.device());
            entry = new Entry();
            entry.users++;
            open.put(key, entry);
        }
        try {
            entry.engine = Engine.open(key.place(), key.device());
            return new Lease(entry);
        } finally {
            synchronized (this) {
                if (entry.engine == null) {
                    open.remove(key); // the next task tries for itself
                }
                entry.opening = false;
                notifyAll();
            }
        }
    }

    /// Waits for one that another task opens; null where there is none, or none any more.
    private Entry usable(Key key) throws InterruptedException {
        Entry entry = open.get(key);
        while (entry != null && entry.opening) {
            wait();
            entry = open.get(key);
        }
        if (entry != null && !entry.engine.isOpen()) {
            open.remove(key);
            entry.engine.close();
            return null;
        }
        return entry;
    }

    private void closeIdle(String device) {
        open.entrySet().removeIf(each -> {
            boolean idle = each.getKey().device().equals(device) && each.getValue().users == 0;
            if (idle) {
                each.getValue().engine.close();
            }
            return idle;
        });
    }

    /// Closes the models of this JVM that no task uses: for a driver that goes on with other things.
    public static void close() {
        synchronized (OF_THIS_JVM) {
            List<String> devices = new ArrayList<>();
            OF_THIS_JVM.open.keySet().forEach(key -> devices.add(key.device()));
            devices.forEach(OF_THIS_JVM::closeIdle);
        }
    }

    /// Models that are open in this JVM.
    public static int count() {
        synchronized (OF_THIS_JVM) {
            return OF_THIS_JVM.open.size();
        }
    }
}
