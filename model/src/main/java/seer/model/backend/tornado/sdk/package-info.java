/// TornadoVM as this process finds it: its version, its devices, the system's libraries below, and what keeps it from
/// computing.
package seer.model.backend.tornado.sdk;
