// Joins a Gazebo world to the platform: frames of what is true out, commands for the motors in.
//
// The platform says first which robots and joints there are (see building_ctrl/gazebo/classic/port.py). The world
// stands still until then. In lockstep it then stands still after each frame until the command has come.

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gazebo/common/Console.hh>
#include <gazebo/common/Events.hh>
#include <gazebo/common/Plugin.hh>
#include <gazebo/physics/physics.hh>

#include "contacts.hh"
#include "link.hh"
#include "motors.hh"

namespace building_ctrl
{
namespace
{
using Clock = std::chrono::steady_clock;

constexpr long kOrphanCheckMs = 500;
constexpr std::chrono::seconds kMostBehind{1};

std::string Environment(const char *name)
{
  const char *value = std::getenv(name);
  return value ? value : "";
}

void PackDoubles(msgpack::packer<msgpack::sbuffer> &packer, const std::vector<double> &values)
{
  const auto size = static_cast<uint32_t>(values.size() * sizeof(double));
  packer.pack_bin(size);
  packer.pack_bin_body(reinterpret_cast<const char *>(values.data()), size);
}
}  // namespace

class WorldPlugin : public gazebo::WorldPlugin
{
public:
  void Load(gazebo::physics::WorldPtr world, sdf::ElementPtr) override
  {
    const auto address = Environment("BUILDING_CTRL_GAZEBO");
    if (address.empty())
    {
      gzmsg << "building_ctrl: no platform (BUILDING_CTRL_GAZEBO is not set), nothing is driven\n";
      return;
    }
    this->world = world;
    this->parent = getppid();
    this->link.reset(new Link(address));
    this->begin = gazebo::event::Events::ConnectWorldUpdateBegin(
        [this](const gazebo::common::UpdateInfo &) { this->Guarded([this] { this->OnBegin(); }); });
    this->end = gazebo::event::Events::ConnectWorldUpdateEnd([this] { this->Guarded([this] { this->OnEnd(); }); });
  }

private:
  template <typename F> void Guarded(F action)
  {
    try
    {
      action();
    }
    catch (const std::exception &error)
    {
      this->SendText("error", error.what());
      gzerr << "building_ctrl: " << error.what() << "\n";
      this->begin.reset();
      this->end.reset();
      // Says goodbye before the process ends: an error the platform never hears of is no error.
      this->link.reset();
      _exit(3);
    }
  }

  void OnBegin()
  {
    if (!this->ready)
      this->SetUp();
    this->TakeWaiting();
    const double dt = this->world->Physics()->GetMaxStepSize();
    for (auto &body : this->bodies)
      body.Update(dt);
    for (auto &motor : this->motors)
      motor.Update(dt);
  }

  void OnEnd()
  {
    if (!this->ready)
      return;
    this->contacts.Collect(this->world);
    if (++this->steps < this->stepsPerFrame)
      return;
    this->steps = 0;
    this->SendFrame();
    if (this->lockstep)
      this->Await();
    else if (getppid() != this->parent)
      _exit(0);
    else
      this->KeepPace();
  }

  void Started()
  {
    this->realStart = Clock::now();
    this->simStart = this->world->SimTime().Double();
  }

  /// Waits until the real time of the world's time has come. A world that is too far behind starts anew from here.
  void KeepPace()
  {
    const std::chrono::duration<double> passed(this->world->SimTime().Double() - this->simStart);
    const auto due = this->realStart + std::chrono::duration_cast<Clock::duration>(passed);
    if (Clock::now() - due > kMostBehind)
      this->Started();
    else
      std::this_thread::sleep_until(due);
  }

  void TakeWaiting()
  {
    Message message;
    while (this->link->Receive(message, 0))
      this->Take(message);
  }

  /// Waits for one message and takes it; ends the process when the platform has gone.
  void Await()
  {
    Message message;
    while (!this->link->Receive(message, kOrphanCheckMs))
      if (getppid() != this->parent)
        _exit(0);
    this->Take(message);
  }

  void SetUp()
  {
    this->SendText("hello", Environment("BUILDING_CTRL_GAZEBO_TOKEN"));
    while (!this->ready)
      this->Await();
  }

  void Take(const Message &message)
  {
    const auto kind = message.Kind();
    if (kind == "setup" && !this->ready)
      this->TakeSetup(message);
    else if (kind == "command" && this->ready)
      this->TakeCommand(message);
    else
      throw std::runtime_error("the platform sent '" + kind + "' at the wrong time");
  }

  void TakeSetup(const Message &message)
  {
    this->lockstep = message.At(1).as<bool>();
    this->stepsPerFrame = message.At(2).as<unsigned int>();
    std::vector<gazebo::physics::ModelPtr> models;
    for (const auto &row : message.At(3).as<std::vector<msgpack::type::tuple<
             std::string, std::string, std::string, double, double, double, double, double, double, double, double>>>())
    {
      const BodySetup setup{row.get<0>(), row.get<1>(), row.get<2>(), row.get<3>(), row.get<4>(), row.get<5>(),
                            row.get<6>(), row.get<7>(), row.get<8>(), row.get<9>(), row.get<10>()};
      this->bodies.emplace_back(this->world, setup);
      models.push_back(this->bodies.back().Model());
    }
    for (const auto &row : message.At(4).as<std::vector<msgpack::type::tuple<std::string, std::string, double>>>())
      this->motors.emplace_back(this->world, row.get<0>(), row.get<1>(), row.get<2>());
    this->contacts.Watch(this->world, models);
    // Zero: Gazebo does not wait. In lockstep the platform sets the pace, else KeepPace does, and makes good for
    // what was lost.
    this->world->Physics()->SetRealTimeUpdateRate(0.0);
    this->Started();
    this->ready = true;
    this->SendText("ready", "");
  }

  void TakeCommand(const Message &message)
  {
    const auto velocities = message.Doubles(1, 2 * this->bodies.size());
    const auto targets = message.Doubles(2, 3 * this->motors.size());
    for (std::size_t i = 0; i < this->bodies.size(); ++i)
      this->bodies[i].Command(velocities[2 * i], velocities[2 * i + 1]);
    for (std::size_t j = 0; j < this->motors.size(); ++j)
      this->motors[j].Command(targets[3 * j], targets[3 * j + 1], targets[3 * j + 2]);
  }

  void SendText(const std::string &kind, const std::string &text)
  {
    msgpack::sbuffer buffer;
    msgpack::packer<msgpack::sbuffer> packer(buffer);
    packer.pack_array(2);
    packer.pack(kind);
    packer.pack(text);
    this->link->Send(buffer);
  }

  void SendFrame()
  {
    std::vector<double> poses, twists, joints;
    for (const auto &body : this->bodies)
    {
      const auto &model = body.Model();
      const auto pose = model->WorldPose();
      const auto euler = pose.Rot().Euler();
      poses.insert(poses.end(), {pose.Pos().X(), pose.Pos().Y(), pose.Pos().Z(), euler.X(), euler.Y(), euler.Z()});
      const auto speed = model->RelativeLinearVel();
      twists.insert(twists.end(), {speed.X(), speed.Y(), model->WorldAngularVel().Z()});
    }
    for (const auto &motor : this->motors)
      joints.insert(joints.end(), {motor.Position(), motor.Velocity()});
    msgpack::sbuffer buffer;
    msgpack::packer<msgpack::sbuffer> packer(buffer);
    packer.pack_array(7);
    packer.pack(std::string("frame"));
    packer.pack(this->world->SimTime().Double());
    PackDoubles(packer, poses);
    PackDoubles(packer, twists);
    PackDoubles(packer, joints);
    packer.pack(this->contacts.Pairs());
    packer.pack(this->contacts.Bumps());
    this->contacts.Clear();
    this->link->Send(buffer);
  }

  gazebo::physics::WorldPtr world;
  std::unique_ptr<Link> link;
  gazebo::event::ConnectionPtr begin, end;
  std::vector<Body> bodies;
  std::vector<Motor> motors;
  ContactLog contacts;
  Clock::time_point realStart;
  double simStart = 0.0;
  pid_t parent = 0;
  unsigned int steps = 0, stepsPerFrame = 5;
  bool lockstep = false, ready = false;
};

GZ_REGISTER_WORLD_PLUGIN(WorldPlugin)
}  // namespace building_ctrl
