// A complete robot without a body: robot ADDRESS NAME KEYFILE [SECONDS]; an empty KEYFILE means plain text.
// Made from docs/reference/robot-protocol.md; section names below are that page's.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <deque>
#include <fstream>
#include <map>
#include <msgpack.hpp>
#include <random>
#include <string>
#include <zmq.hpp>

using Fields = std::vector<msgpack::object>;
struct Event { uint64_t id; double stamp; int kind; std::string detail; };
struct Command { double stamp, v, w, cap; bool valid; };

static double clock_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Robot {
  zmq::socket_t& socket;
  std::string name;
  uint64_t boot = std::random_device{}(), epoch = 0, seq = 0, telemetry = 0, dropped = 0, next_event = 1, stop_id = 0;
  bool welcomed = false, armed = false, stopped = false;
  double period = 0.05, watchdog = 0.3, heard = 0, hello_at = 0, pause = 0.1, report_at = 0, events_at = 0, held = 0;
  double x = 0, y = 0, yaw = 0, v = 0, w = 0;
  Command command{};
  std::deque<Event> events{};
  std::map<uint64_t, bool> done{};

  template <class... T> void send(const T&... fields) {
    msgpack::sbuffer bytes;
    msgpack::packer<msgpack::sbuffer> packer(bytes);
    packer.pack_array(sizeof...(fields));
    (packer.pack(fields), ...);
    (void)socket.send(zmq::buffer(bytes.data(), bytes.size()), zmq::send_flags::dontwait);
  }
  void hold(double now) { armed = command.valid = false; held = now; }
  void end_session(double now, bool at_once) {
    welcomed = false;
    hello_at = now + (at_once ? 0.0 : 1.0);
    hold(now);
  }

  void receive(const Fields& f, double now) {  // Frames, Session, Commands
    if (welcomed) heard = now;
    switch (f.at(0).as<int>()) {
      case 2:  // WELCOME
        if (f.at(1).as<uint64_t>() != 1 || (welcomed && f.at(3).as<uint64_t>() <= epoch)) break;
        hold(now);
        welcomed = true; heard = now; pause = 0.1; seq = 0; events_at = 0;
        epoch = f.at(3).as<uint64_t>(); period = f.at(5).as<double>(); watchdog = f.at(6).as<double>();
        while (!events.empty() && events.front().id <= f.at(7).as<uint64_t>()) events.pop_front();
        break;
      case 4: {  // COMMAND
        const double age = now - f.at(5).as<double>();
        const bool fresh = age >= 0 && age < f.at(4).as<double>() && age < watchdog;
        if (!armed || f.at(1).as<uint64_t>() != epoch || f.at(2).as<uint64_t>() <= seq || !fresh) { dropped++; break; }
        command = {f.at(5).as<double>(), f.at(6).as<double>(), f.at(7).as<double>(), f.at(8).as<double>(), true};
        seq = f.at(2).as<uint64_t>();
        break;
      }
      case 6:  // ACK
        while (!events.empty() && events.front().id <= f.at(1).as<uint64_t>()) events.pop_front();
        break;
      case 7: {  // REQUEST: done once, answered every time
        const auto id = f.at(1).as<uint64_t>();
        const int kind = f.at(2).as<int>();
        if (!done.count(id)) {
          const bool stop = kind == 1 || kind == 2, newest = id > stop_id;
          if (stop && newest) { stopped = kind == 1; stop_id = id; hold(now); }
          done[id] = stop && newest;
          if (done.size() > 64) done.erase(done.begin());
        }
        send(8, id, done[id]);
        break;
      }
      case 9: {  // ARM
        const double stamp = f.at(2).as<double>();
        const bool fresh = stamp >= held && now >= stamp && now - stamp < watchdog;
        if (stopped || armed || f.at(1).as<uint64_t>() <= epoch || !fresh) { dropped++; break; }
        armed = true; epoch = f.at(1).as<uint64_t>(); seq = 0;
        break;
      }
      case 10: send(11, f.at(1).as<uint64_t>(), f.at(2).as<double>(), now, now); break;  // PING
      case 12:  // REFUSED
        if (f.at(2).as<bool>()) end_session(now, welcomed && f.at(1).as<int>() == 7);
        break;
      case 13: end_session(now, false); break;  // BYE
    }
  }

  void talk(double now) {
    if (welcomed && now - heard > 3.0) end_session(now, true);
    if (!welcomed && now >= hello_at) {
      send(1, 1, name, boot, now, events.empty() ? next_event : events.front().id, std::string("cpp example"));
      hello_at = now + pause * (1.0 + 0.4 * (rand() % 100) / 100.0);
      pause = std::min(1.0, 2 * pause);
    }
    if (!welcomed) return;
    if (now >= report_at) {
      const int flags = (armed ? 1 : 0) | (stopped ? 4 : 0) | 16;
      send(3, ++telemetry, now, x, y, yaw, v, w, 80.0, flags, 0, epoch, seq, dropped);
      report_at = now + period;
    }
    if (!events.empty() && now - events_at >= 0.5) {  // What must not be lost
      for (size_t i = 0; i < events.size() && i < 4; i++)
        send(5, events[i].id, events[i].stamp, events[i].kind, events[i].detail);
      events_at = now;
    }
  }

  void drive(double now, double dt) {
    double goal_v = 0, goal_w = 0;
    if (command.valid && now - command.stamp >= watchdog) {
      if (command.v != 0 || command.w != 0) events.push_back({next_event++, now, 6, "watchdog"});
      if (events.size() > 256) { events.pop_back(); next_event--; }
      hold(now);
    }
    if (command.valid) {
      goal_v = std::clamp(command.v, -command.cap, command.cap);
      goal_w = command.w;
    } else if (v != 0) {  // stop under control, on the arc driven last
      goal_v = std::copysign(std::max(0.0, std::abs(v) - 0.8 * dt), v);
      goal_w = w * goal_v / v;
    } else {
      goal_w = std::copysign(std::max(0.0, std::abs(w) - 3.0 * dt), w);
    }
    v = goal_v; w = goal_w;  // a real robot hands these to its motors and measures its pose
    x += v * std::cos(yaw) * dt; y += v * std::sin(yaw) * dt; yaw = std::remainder(yaw + w * dt, 2 * M_PI);
  }
};

static void secure(zmq::socket_t& socket, const std::string& path) {
  std::ifstream file(path);
  std::map<std::string, std::string> keys;
  for (std::string line; std::getline(file, line);) keys[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
  socket.set(zmq::sockopt::curve_publickey, keys["public"]);
  socket.set(zmq::sockopt::curve_secretkey, keys["secret"]);
  socket.set(zmq::sockopt::curve_serverkey, keys["gateway"]);
}

int main(int count, char** arguments) {
  if (count < 4) { std::fprintf(stderr, "robot ADDRESS NAME KEYFILE [SECONDS]\n"); return 2; }
  zmq::context_t context;
  zmq::socket_t socket(context, zmq::socket_type::dealer);
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::immediate, 1);
  socket.set(zmq::sockopt::heartbeat_ivl, 500);
  socket.set(zmq::sockopt::heartbeat_timeout, 1500);
  socket.set(zmq::sockopt::tcp_maxrt, 1000);
  socket.set(zmq::sockopt::connect_timeout, 500);
  socket.set(zmq::sockopt::reconnect_ivl, 100);
  socket.set(zmq::sockopt::reconnect_ivl_max, 1000);
  socket.set(zmq::sockopt::handshake_ivl, 3000);
  socket.set(zmq::sockopt::maxmsgsize, int64_t{4096});
  socket.set(zmq::sockopt::sndhwm, 2);
  socket.set(zmq::sockopt::rcvhwm, 20);
  if (*arguments[3]) secure(socket, arguments[3]);
  socket.connect(arguments[1]);
  Robot robot{socket, arguments[2]};
  const double end = clock_s() + (count > 4 ? std::atof(arguments[4]) : 1e12);
  for (double last = clock_s(), now; (now = clock_s()) < end; last = now) {
    zmq::message_t frame;
    while (socket.recv(frame, zmq::recv_flags::dontwait)) {
      if (frame.more()) continue;
      try {
        const auto message = msgpack::unpack(static_cast<const char*>(frame.data()), frame.size());
        robot.receive(message.get().as<Fields>(), clock_s());
      } catch (const std::exception&) {}  // not a message of this protocol: passed over
    }
    robot.drive(now, now - last);
    robot.talk(now);
    zmq::pollitem_t item{socket, 0, ZMQ_POLLIN, 0};
    zmq::poll(&item, 1, std::chrono::milliseconds(10));
  }
  robot.send(13, std::string("example ends"));
  socket.set(zmq::sockopt::linger, 200);
  std::printf("x=%.3f y=%.3f v=%.3f dropped=%llu\n", robot.x, robot.y, robot.v, (unsigned long long)robot.dropped);
}
