package uk.ac.manchester.tornado.api;

/// A box of work-items, x running fastest.
public class WorkerGrid3D extends AbstractWorkerGrid {

    public WorkerGrid3D(int x, int y, int z) {
        super(x, y, z);
    }

    @Override
    public int dimension() {
        return 3;
    }
}
