package seer.warp.compiler;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import seer.warp.Extension;
import uk.ac.manchester.tornado.drivers.cuda.CUDACommandQueue;
import uk.ac.manchester.tornado.drivers.cuda.CUDACommandQueueTable;
import uk.ac.manchester.tornado.drivers.cuda.CUDAContext;
import uk.ac.manchester.tornado.drivers.cuda.CUDATargetDevice;
import uk.ac.manchester.tornado.drivers.cuda.mm.CUDAPinnedMemoryRegistry;

/// TornadoVM's command queues, whose commands run in the order in which they are given, without the wait that it puts
/// at the end of each graph: two of them, in fact, and meanwhile the device has nothing to do.
///
/// ```text
///   TornadoVM   host    | graph 1 | wait ........ | graph 2 | wait ........ |
///               device            [ kernels of 1 ]          [ kernels of 2 ]
///   here        host    | graph 1 | graph 2 | graph 3 | ...
///               device            [ kernels of 1 ][ kernels of 2 ][ ...
/// ```
/// What a graph sends has left the host's arrays when the call that sends it returns: they are not pinned, so the
/// driver takes it into memory of its own first. Where TornadoVM pins them, the device would read them later, and every
/// graph is waited for. Whoever reads results, frees device memory or goes on in another queue waits here first.
final class PatientQueues {
    private final CudaDriver driver;
    private final Set<Queue> waiting = ConcurrentHashMap.newKeySet(); // where a wait was left out
    private final Deque<MemorySegment> events = new ArrayDeque<>(); // that are free
    private volatile Queue last; // where a wait was last left out

    PatientQueues(CudaDriver driver) {
        this.driver = driver;
    }

    /// What takes the place of a device's tables of queues, by plan.
    Map<Long, CUDACommandQueueTable> tables() {
        return new ConcurrentHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            public CUDACommandQueueTable put(Long plan, CUDACommandQueueTable table) {
                return super.put(plan, new Table());
            }
        };
    }

    /// Waits for all queues.
    void await() {
        for (Queue queue : waiting) {
            waiting.remove(queue);
            queue.await();
        }
    }

    /// A mark in the queue that was used last.
    Extension.Mark mark() {
        if (last == null) {
            throw new IllegalStateException("a mark is set before anything was started");
        }
        var stream = driver.stream(last.getCommandQueuePtr());
        MemorySegment event;
        synchronized (events) {
            event = events.poll();
        }
        var mark = new Mark(event == null ? driver.event() : event);
        driver.record(mark.event, stream);
        return mark;
    }

    private final class Mark implements Extension.Mark {
        private final MemorySegment event;

        Mark(MemorySegment event) {
            this.event = event;
        }

        @Override
        public long nanosSince(Extension.Mark earlier) {
            return Math.round(driver.milliseconds(((Mark) earlier).event, event) * 1e6);
        }

        @Override
        public void close() {
            synchronized (events) {
                events.push(event);
            }
        }
    }

    /// The queues of a plan, which TornadoVM makes.
    private final class Table extends CUDACommandQueueTable {
        private final Map<CUDACommandQueue, Queue> queues = new ConcurrentHashMap<>();

        @Override
        public CUDACommandQueue get(CUDATargetDevice device, CUDAContext context) {
            return queues.computeIfAbsent(super.get(device, context), Queue::new);
        }

        @Override
        public void cleanup(CUDATargetDevice device) {
            PatientQueues.this.await();
            queues.clear();
            super.cleanup(device);
        }
    }

    /// A queue of TornadoVM's.
    private final class Queue extends CUDACommandQueue {

        Queue(CUDACommandQueue made) {
            super(made.getCommandQueuePtr(), made.getProperties(), made.getOpenclVersion());
        }

        @Override
        public void finish() {
            last = this;
            if (CUDAPinnedMemoryRegistry.HOST_PINNING_ENABLED) {
                await();
            } else {
                waiting.add(this);
            }
        }

        @Override
        public void flush() {
            finish();
        }

        void await() {
            super.finish();
        }
    }
}
