#include "motors.hh"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace building_ctrl
{
namespace
{
// A position error is worked off within this time: long against a physics step, short against a door's motion.
constexpr double kSettleS = 0.06;
// Nearer than this a motor holds still.
constexpr double kThere = 0.0003;
// What held still for so many steps sleeps: Gazebo does not put models with joints to sleep by itself, and a building
// has many doors. ODE wakes whatever is touched by what moves.
constexpr int kSleepSteps = 25;

double Clamp(double value, double limit) { return std::max(-limit, std::min(limit, value)); }

double Toward(double value, double goal, double most) { return value + Clamp(goal - value, most); }
}  // namespace

gazebo::physics::ModelPtr FindModel(gazebo::physics::WorldPtr world, const std::string &name)
{
  auto model = world->ModelByName(name);
  if (!model)
    throw std::runtime_error("the world has no model " + name);
  return model;
}

gazebo::physics::JointPtr FindJoint(gazebo::physics::ModelPtr model, const std::string &name)
{
  auto joint = model->GetJoint(name);
  if (!joint)
    throw std::runtime_error("model " + model->GetName() + " has no joint " + name);
  return joint;
}

Body::Body(gazebo::physics::WorldPtr world, const BodySetup &setup)
    : setup(setup), model(FindModel(world, setup.model)), left(FindJoint(model, setup.left)),
      right(FindJoint(model, setup.right))
{
  this->left->SetParam("fmax", 0, setup.torque);
  this->right->SetParam("fmax", 0, setup.torque);
}

void Body::Command(double v, double w)
{
  if (!std::isfinite(v) || !std::isfinite(w))
    return;
  this->goalV = Clamp(v, this->setup.maxSpeed);
  this->goalW = Clamp(w, this->setup.maxYawRate);
}

void Body::Update(double dt)
{
  const bool slower = std::abs(this->goalV) < std::abs(this->v);
  const double rate = slower ? this->setup.braking : this->setup.acceleration;
  this->v = Toward(this->v, this->goalV, rate * dt);
  this->w = Toward(this->w, this->goalW, this->setup.yawAcceleration * dt);
  // Setting a motor wakes its bodies.
  const bool stands = this->v == 0.0 && this->w == 0.0;
  if (stands && this->stood)
    return;
  this->stood = stands;
  const double half = 0.5 * this->setup.track * this->w;
  this->left->SetParam("vel", 0, (this->v - half) / this->setup.wheelRadius);
  this->right->SetParam("vel", 0, (this->v + half) / this->setup.wheelRadius);
}

Motor::Motor(gazebo::physics::WorldPtr world, const std::string &model, const std::string &name, double effort)
    : joint(FindJoint(FindModel(world, model), name))
{
  this->joint->SetParam("fmax", 0, effort);
  this->child = this->joint->GetChild();
  this->position = this->joint->Position(0);
}

void Motor::Command(double position, double velocity, double maxSpeed)
{
  if (!std::isfinite(position) || !std::isfinite(velocity) || !(maxSpeed >= 0.0))
    return;
  this->position = position;
  this->velocity = velocity;
  this->maxSpeed = maxSpeed;
  this->sinceCommand = 0.0;
}

void Motor::Update(double dt)
{
  const double goal = this->position + this->velocity * (this->sinceCommand + dt);
  this->sinceCommand += dt;
  const double error = goal - this->joint->Position(0);
  const bool stands = this->velocity == 0.0 && (std::abs(error) < kThere || this->maxSpeed == 0.0);
  if (stands)
    this->HoldStill();
  else
    this->Run(Clamp(this->velocity + error / kSettleS, this->maxSpeed));
}

void Motor::Run(double speed)
{
  this->stood = 0;
  this->joint->SetParam("vel", 0, speed);
}

void Motor::HoldStill()
{
  if (this->stood == 0)
    this->joint->SetParam("vel", 0, 0.0);
  if (this->stood < kSleepSteps)
    ++this->stood;
  else if (this->child->GetEnabled())
    this->child->SetEnabled(false);
}
}  // namespace building_ctrl
