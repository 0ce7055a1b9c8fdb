// Motors of robots and joints: set points in, velocities of ODE's joint motors out.
#pragma once

#include <string>
#include <vector>

#include <gazebo/physics/physics.hh>

namespace building_ctrl
{
/// What a robot's motor controller knows of its robot; the same numbers as BodyDrive in Python.
struct BodySetup
{
  std::string model, left, right;
  double wheelRadius, track, acceleration, braking, yawAcceleration, maxSpeed, maxYawRate, torque;
};

/// A differential drive: follows speed and yaw rate within its accelerations.
class Body
{
public:
  Body(gazebo::physics::WorldPtr world, const BodySetup &setup);
  void Command(double v, double w);
  void Update(double dt);
  const gazebo::physics::ModelPtr &Model() const { return this->model; }

private:
  BodySetup setup;
  gazebo::physics::ModelPtr model;
  gazebo::physics::JointPtr left, right;
  double goalV = 0.0, goalW = 0.0, v = 0.0, w = 0.0;
  bool stood = false;
};

/// A joint that runs to a position which moves with a velocity, never faster than a speed.
class Motor
{
public:
  Motor(gazebo::physics::WorldPtr world, const std::string &model, const std::string &joint, double effort);
  void Command(double position, double velocity, double maxSpeed);
  void Update(double dt);
  double Position() const { return this->joint->Position(0); }
  double Velocity() const { return this->joint->GetVelocity(0); }

private:
  void Run(double speed);
  void HoldStill();

  gazebo::physics::JointPtr joint;
  gazebo::physics::LinkPtr child;
  double position = 0.0, velocity = 0.0, maxSpeed = 0.0, sinceCommand = 0.0;
  int stood = 0;
};

/// Throws std::runtime_error naming what is missing.
gazebo::physics::ModelPtr FindModel(gazebo::physics::WorldPtr world, const std::string &name);
gazebo::physics::JointPtr FindJoint(gazebo::physics::ModelPtr model, const std::string &name);
}  // namespace building_ctrl
