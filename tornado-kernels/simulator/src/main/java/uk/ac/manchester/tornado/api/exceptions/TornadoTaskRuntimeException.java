package uk.ac.manchester.tornado.api.exceptions;

/// A task that cannot be part of its graph.
public class TornadoTaskRuntimeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TornadoTaskRuntimeException(String message) {
        super(message);
    }
}
